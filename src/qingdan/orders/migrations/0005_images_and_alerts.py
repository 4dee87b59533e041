"""What orders were before their last import, and which of their changes matter."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('orders', '0004_narrow'),
    ]

    operations = [
        migrations.CreateModel(
            name='OrderImage',
            fields=[
                ('order', models.OneToOneField(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='image', serialize=False, to='orders.order')),
                ('import_id', models.BigIntegerField()),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('row', models.JSONField()),
                ('lines', models.JSONField()),
            ],
        ),
        migrations.RemoveConstraint(
            model_name='orderevent',
            name='event_kind_known',
        ),
        migrations.AddField(
            model_name='orderevent',
            name='alerts',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), null=True, size=None),
        ),
        migrations.AddField(
            model_name='orderevent',
            name='told_role',
            field=models.TextField(null=True),
        ),
        migrations.AddField(
            model_name='orderevent',
            name='told_user',
            field=models.TextField(null=True),
        ),
        migrations.AddIndex(
            model_name='orderevent',
            index=django.contrib.postgres.indexes.BrinIndex(autosummarize=True, fields=['import_id'], name='event_import', pages_per_range=16),
        ),
        migrations.AddIndex(
            model_name='orderevent',
            index=models.Index(condition=models.Q(('alerts__isnull', False)), fields=['merchant', '-at'], name='event_alert'),
        ),
        migrations.AddConstraint(
            model_name='orderevent',
            constraint=models.CheckConstraint(condition=models.Q(('alerts__contained_by', ['refund_opened', 'address_changed', 'cancelled'])), name='event_alerts_known'),
        ),
        migrations.AddConstraint(
            model_name='orderevent',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ('imported', 'updated', 'decided', 'reviewed', 'undone'))), name='event_kind_known'),
        ),
    ]
