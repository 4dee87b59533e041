"""Imports that were undone."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('intake', '0003_import_lapses'),
        ('orders', '0005_images_and_alerts'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='import',
            name='import_state_known',
        ),
        migrations.RemoveIndex(
            model_name='import',
            name='import_open',
        ),
        migrations.AddField(
            model_name='import',
            name='undone',
            field=models.JSONField(null=True),
        ),
        migrations.AddField(
            model_name='import',
            name='undone_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AlterField(
            model_name='import',
            name='state',
            field=models.TextField(choices=[('queued', '排队中'), ('reading', '读取中'), ('storing', '入库中'), ('done', '已完成'), ('failed', '失败'), ('cancelled', '已取消'), ('undone', '已撤销')], db_default='queued'),
        ),
        migrations.AddIndex(
            model_name='import',
            index=models.Index(condition=models.Q(('state__in', ('done', 'failed', 'cancelled', 'undone')), _negated=True), fields=['id'], name='import_open'),
        ),
        migrations.AddConstraint(
            model_name='import',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['queued', 'reading', 'storing', 'done', 'failed', 'cancelled', 'undone'])), name='import_state_known'),
        ),
    ]
