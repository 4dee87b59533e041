"""Bills, their entries, and what each order's payment is found to be."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


# an order that is deleted takes its payment with it, and leaves its entries to nobody
OF_ORDERS = """
ALTER TABLE finance_payment ADD FOREIGN KEY (order_id) REFERENCES orders_order ON DELETE CASCADE;
ALTER TABLE finance_paymentevent ADD FOREIGN KEY (order_id) REFERENCES orders_order ON DELETE CASCADE;
ALTER TABLE finance_billentry ADD FOREIGN KEY (order_id) REFERENCES orders_order ON DELETE SET NULL;
"""


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('orders', '0006_payment_match'),
    ]

    operations = [
        migrations.CreateModel(
            name='BillFile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.TextField()),
                ('sha256', models.TextField()),
                ('size', models.BigIntegerField()),
                ('state', models.TextField(choices=[('queued', '排队中'), ('reading', '读取中'), ('done', '已完成'), ('failed', '失败')], db_default='queued')),
                ('attempts', models.IntegerField(db_default=0)),
                ('rows', models.BigIntegerField(db_default=0)),
                ('new', models.BigIntegerField(db_default=0)),
                ('refused', models.BigIntegerField(db_default=0)),
                ('parts', models.JSONField(default=list)),
                ('problem', models.JSONField(null=True)),
                ('actor_kind', models.TextField()),
                ('actor_id', models.TextField()),
                ('actor_name', models.TextField()),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('finished_at', models.DateTimeField(null=True)),
                ('merchant', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='orders.merchant')),
            ],
        ),
        migrations.CreateModel(
            name='BillEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('row', models.BigIntegerField()),
                ('family', models.TextField()),
                ('format', models.TextField()),
                ('entry_no', models.TextField()),
                ('trade_no', models.TextField(null=True)),
                ('merchant_order_no', models.TextField(null=True)),
                ('order_no', models.TextField(null=True)),
                ('kind', models.TextField()),
                ('at', models.DateTimeField()),
                ('amount', models.BigIntegerField()),
                ('fee', models.BigIntegerField()),
                ('goods', models.TextField(null=True)),
                ('merchant', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='orders.merchant')),
                ('order', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='orders.order')),
                ('bill', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='entries', to='finance.billfile')),
            ],
        ),
        migrations.CreateModel(
            name='BillPeriod',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('family', models.TextField()),
                ('begin', models.DateTimeField()),
                ('end', models.DateTimeField()),
                ('bill', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='periods', to='finance.billfile')),
                ('merchant', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='orders.merchant')),
            ],
        ),
        migrations.CreateModel(
            name='BillRefusal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('file', models.TextField()),
                ('row', models.BigIntegerField()),
                ('column', models.TextField()),
                ('value', models.TextField(db_default='', null=True)),
                ('reason', models.TextField()),
                ('zh', models.TextField()),
                ('en', models.TextField()),
                ('advice_zh', models.TextField()),
                ('advice_en', models.TextField()),
                ('bill', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='refusals', to='finance.billfile')),
            ],
        ),
        migrations.CreateModel(
            name='MatchRun',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('import_id', models.BigIntegerField(null=True)),
                ('prepared', models.BooleanField(db_default=False)),
                ('orders', models.BigIntegerField(db_default=0)),
                ('changed', models.BigIntegerField(db_default=0)),
                ('reviewed', models.BigIntegerField(db_default=0)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('finished_at', models.DateTimeField(null=True)),
                ('bill', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='runs', to='finance.billfile')),
                ('merchant', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='orders.merchant')),
            ],
        ),
        migrations.CreateModel(
            name='MatchDue',
            fields=[
                ('pk', models.CompositePrimaryKey('run', 'order_id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('order_id', models.BigIntegerField()),
                ('run', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='due', to='finance.matchrun')),
            ],
        ),
        migrations.CreateModel(
            name='Payment',
            fields=[
                ('order', models.OneToOneField(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='payment', serialize=False, to='orders.order')),
                ('state', models.TextField()),
                ('due', models.BigIntegerField()),
                ('paid', models.BigIntegerField()),
                ('refunded', models.BigIntegerField()),
                ('fee', models.BigIntegerField()),
                ('difference', models.BigIntegerField()),
                ('payments', models.BigIntegerField()),
                ('matched_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('settled_by', models.TextField(null=True)),
                ('settled_name', models.TextField(null=True)),
                ('settled_at', models.DateTimeField(null=True)),
                ('note', models.TextField(db_default='')),
                ('merchant', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='orders.merchant')),
            ],
        ),
        migrations.CreateModel(
            name='PaymentEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.TextField()),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('state', models.TextField()),
                ('difference', models.BigIntegerField()),
                ('actor_name', models.TextField(db_default='')),
                ('note', models.TextField(db_default='')),
                ('merchant', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='orders.merchant')),
                ('order', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='orders.order')),
            ],
        ),
        migrations.AddIndex(
            model_name='billfile',
            index=models.Index(fields=['merchant', '-id'], name='bill_newest'),
        ),
        migrations.AddIndex(
            model_name='billfile',
            index=models.Index(condition=models.Q(('finished_at', None)), fields=['id'], name='bill_open'),
        ),
        migrations.AddConstraint(
            model_name='billfile',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['queued', 'reading', 'done', 'failed'])), name='bill_state_known'),
        ),
        migrations.AddIndex(
            model_name='billentry',
            index=models.Index(condition=models.Q(('order_no__isnull', False)), fields=['merchant', 'order_no'], name='entry_order_no'),
        ),
        migrations.AddIndex(
            model_name='billentry',
            index=models.Index(condition=models.Q(('merchant_order_no__isnull', False)), fields=['merchant', 'merchant_order_no'], name='entry_merchant_order_no'),
        ),
        migrations.AddIndex(
            model_name='billentry',
            index=models.Index(condition=models.Q(('trade_no__isnull', False)), fields=['merchant', 'trade_no'], name='entry_trade_no'),
        ),
        migrations.AddIndex(
            model_name='billentry',
            index=models.Index(condition=models.Q(('order__isnull', False)), fields=['order'], name='entry_of_order'),
        ),
        migrations.AddIndex(
            model_name='billentry',
            index=models.Index(condition=models.Q(('kind__in', ['payment', 'refund']), ('order__isnull', True)), fields=['merchant', '-at', '-id'], name='entry_not_ours'),
        ),
        migrations.AddConstraint(
            model_name='billentry',
            constraint=models.UniqueConstraint(fields=('merchant', 'family', 'entry_no'), name='bill_entry_once'),
        ),
        migrations.AddConstraint(
            model_name='billentry',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ('payment', 'refund', 'fee', 'transfer', 'other'))), name='bill_entry_kind_known'),
        ),
        migrations.AddIndex(
            model_name='billperiod',
            index=models.Index(fields=['merchant', 'family'], name='bill_period_family'),
        ),
        migrations.AddIndex(
            model_name='matchrun',
            index=models.Index(condition=models.Q(('finished_at', None)), fields=['id'], name='match_run_open'),
        ),
        migrations.AddConstraint(
            model_name='matchrun',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('bill__isnull', False), ('import_id__isnull', True)), models.Q(('bill__isnull', True), ('import_id__isnull', False)), _connector='OR'), name='match_run_of_one'),
        ),
        migrations.AddIndex(
            model_name='payment',
            index=models.Index(fields=['merchant', 'state'], name='payment_state'),
        ),
        migrations.AddIndex(
            model_name='payment',
            index=models.Index(condition=models.Q(('state__in', ('short', 'over', 'double', 'missing', 'unexpected'))), fields=['merchant', 'state', 'order'], name='payment_case'),
        ),
        migrations.AddConstraint(
            model_name='payment',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ('full', 'short', 'over', 'double', 'refunded', 'part_refunded', 'missing', 'unexpected', 'unpaid'))), name='payment_state_known'),
        ),
        migrations.AddConstraint(
            model_name='payment',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('settled_at__isnull', True), ('settled_by__isnull', True)), models.Q(('settled_at__isnull', False), ('settled_by__isnull', False), ('state__in', ('short', 'over', 'double', 'missing', 'unexpected'))), _connector='OR'), name='payment_settled_by_somebody'),
        ),
        migrations.AddConstraint(
            model_name='paymentevent',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['settled', 'reopened'])), name='payment_event_kind_known'),
        ),
        migrations.RunSQL(OF_ORDERS, migrations.RunSQL.noop),
    ]
