"""The room of cases."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('orders', '0006_payment_match'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Knock',
            fields=[
                ('address', models.CharField(max_length=45, primary_key=True, serialize=False)),
                ('since', models.DateTimeField()),
                ('count', models.IntegerField()),
            ],
        ),
        migrations.CreateModel(
            name='Cause',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.TextField()),
                ('zh', models.TextField()),
                ('en', models.TextField()),
                ('types', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), default=list, size=None)),
                ('active', models.BooleanField(db_default=True)),
                ('merchant', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='orders.merchant')),
            ],
        ),
        migrations.CreateModel(
            name='Case',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('type', models.TextField()),
                ('state', models.TextField(db_default='open')),
                ('version', models.IntegerField(db_default=1)),
                ('wanted', models.BooleanField(db_default=True)),
                ('by_hand', models.BooleanField(db_default=False)),
                ('touched', models.BooleanField(db_default=False)),
                ('owner_role', models.TextField()),
                ('difficulty', models.SmallIntegerField()),
                ('step', models.TextField(null=True)),
                ('step_since', models.DateTimeField()),
                ('opened_at', models.DateTimeField()),
                ('reopened', models.IntegerField(db_default=0)),
                ('closed_at', models.DateTimeField(null=True)),
                ('outcome', models.TextField(null=True)),
                ('cause_at', models.DateTimeField(null=True)),
                ('responded_at', models.DateTimeField(null=True)),
                ('wait_until', models.DateTimeField(null=True)),
                ('phases', models.JSONField(default=list)),
                ('respond_due', models.DateTimeField(null=True)),
                ('resolve_due', models.DateTimeField(null=True)),
                ('cause_due', models.DateTimeField(null=True)),
                ('changed_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('merchant', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='orders.merchant')),
                ('order', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='cases', to='orders.order')),
                ('owner', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('cause', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cases.cause')),
            ],
        ),
        migrations.CreateModel(
            name='Comment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.TextField()),
                ('mentions', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list, size=None)),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('case', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='cases.case')),
                ('merchant', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='orders.merchant')),
                ('order', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='comments', to='orders.order')),
            ],
        ),
        migrations.CreateModel(
            name='Attachment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.TextField()),
                ('kind', models.TextField()),
                ('size', models.IntegerField()),
                ('sha256', models.TextField()),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('merchant', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='orders.merchant')),
                ('order', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='attachments', to='orders.order')),
                ('comment', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='attachments', to='cases.comment')),
            ],
        ),
        migrations.CreateModel(
            name='Contact',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('channel', models.TextField()),
                ('result', models.TextField()),
                ('note', models.TextField(db_default='')),
                ('next_try_at', models.DateTimeField(null=True)),
                ('at', models.DateTimeField()),
                ('by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('case', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='contacts', to='cases.case')),
                ('merchant', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='orders.merchant')),
                ('order', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='contacts', to='orders.order')),
            ],
        ),
        migrations.CreateModel(
            name='Correction',
            fields=[
                ('order', models.OneToOneField(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='correction', serialize=False, to='orders.order')),
                ('told', models.JSONField()),
                ('heard', models.JSONField(null=True)),
                ('heard_at', models.DateTimeField(null=True)),
                ('at', models.DateTimeField()),
                ('by', models.TextField()),
                ('merchant', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='orders.merchant')),
            ],
        ),
        migrations.CreateModel(
            name='Link',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('digest', models.BinaryField(max_length=32, unique=True)),
                ('made_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
                ('opened', models.IntegerField(db_default=0)),
                ('tries', models.IntegerField(db_default=0)),
                ('used_at', models.DateTimeField(null=True)),
                ('revoked_at', models.DateTimeField(null=True)),
                ('given', models.JSONField(null=True)),
                ('case', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='cases.case')),
                ('made_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('merchant', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='orders.merchant')),
                ('order', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='address_links', to='orders.order')),
            ],
        ),
        migrations.CreateModel(
            name='Macro',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.TextField()),
                ('body', models.JSONField()),
                ('created_by', models.TextField()),
                ('changed_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('merchant', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='orders.merchant')),
            ],
        ),
        migrations.CreateModel(
            name='MessageTemplate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.TextField()),
                ('channel', models.TextField()),
                ('types', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), default=list, size=None)),
                ('text', models.TextField()),
                ('active', models.BooleanField(db_default=True)),
                ('merchant', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='orders.merchant')),
            ],
        ),
        migrations.CreateModel(
            name='Notice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.TextField()),
                ('text', models.TextField(db_default='')),
                ('by', models.TextField(db_default='')),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('read_at', models.DateTimeField(null=True)),
                ('case', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='cases.case')),
                ('order', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='orders.order')),
                ('user', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='Sop',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('type', models.TextField()),
                ('version', models.IntegerField()),
                ('source', models.TextField()),
                ('first_step', models.TextField()),
                ('live', models.BooleanField(db_default=False)),
                ('note', models.TextField(db_default='')),
                ('created_by', models.TextField(db_default='')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('merchant', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='orders.merchant')),
            ],
        ),
        migrations.AddField(
            model_name='case',
            name='sop',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cases.sop'),
        ),
        migrations.CreateModel(
            name='StepLog',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('round', models.IntegerField()),
                ('step', models.TextField()),
                ('choice', models.TextField(null=True)),
                ('skipped', models.BooleanField(db_default=False)),
                ('began_at', models.DateTimeField()),
                ('at', models.DateTimeField()),
                ('seconds', models.IntegerField()),
                ('worked_seconds', models.IntegerField()),
                ('actor_id', models.TextField()),
                ('actor_name', models.TextField()),
                ('note', models.TextField(db_default='')),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='steps', to='cases.case')),
            ],
            options={
                'ordering': ['at', 'id'],
            },
        ),
        migrations.CreateModel(
            name='Approval',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('step', models.TextField()),
                ('choice', models.TextField()),
                ('path', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), size=None)),
                ('given', models.JSONField(default=list)),
                ('note', models.TextField(db_default='')),
                ('state', models.TextField(db_default='asked')),
                ('asked_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
                ('asked_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='approvals', to='cases.case')),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'asked')), fields=('case',), name='approval_one_asked'), models.CheckConstraint(condition=models.Q(('state__in', ['asked', 'given', 'refused', 'withdrawn'])), name='approval_state_known')],
            },
        ),
        migrations.CreateModel(
            name='Alarm',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('clock', models.TextField()),
                ('round', models.IntegerField()),
                ('late_at', models.DateTimeField()),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='alarms', to='cases.case')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('case', 'clock', 'round'), name='alarm_once'), models.CheckConstraint(condition=models.Q(('clock__in', ('respond', 'resolve', 'cause'))), name='alarm_clock_known')],
            },
        ),
        migrations.CreateModel(
            name='CaseEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.TextField()),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('actor_kind', models.TextField()),
                ('actor_id', models.TextField()),
                ('actor_name', models.TextField()),
                ('note', models.TextField(db_default='')),
                ('data', models.JSONField(default=dict)),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='events', to='cases.case')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ('opened', 'reopened', 'left', 'taken', 'assigned', 'waiting', 'resumed', 'cause', 'step', 'asked', 'approved', 'refused', 'closed', 'corrected', 'link'))), name='case_event_known')],
            },
        ),
        migrations.AddConstraint(
            model_name='cause',
            constraint=models.UniqueConstraint(fields=('merchant', 'key'), name='cause_once'),
        ),
        migrations.AddConstraint(
            model_name='cause',
            constraint=models.CheckConstraint(condition=models.Q(('zh', ''), _negated=True), name='cause_named'),
        ),
        migrations.AddIndex(
            model_name='contact',
            index=models.Index(fields=['merchant', 'next_try_at'], name='contact_next'),
        ),
        migrations.AddConstraint(
            model_name='contact',
            constraint=models.CheckConstraint(condition=models.Q(('channel__in', ('call', 'sms', 'chat', 'link'))), name='contact_channel_known'),
        ),
        migrations.AddConstraint(
            model_name='contact',
            constraint=models.CheckConstraint(condition=models.Q(('result__in', ('reached', 'no_answer', 'refused', 'wrong_number', 'sent', 'callback'))), name='contact_result_known'),
        ),
        migrations.AddIndex(
            model_name='correction',
            index=models.Index(fields=['merchant'], name='correction_merchant'),
        ),
        migrations.AddConstraint(
            model_name='macro',
            constraint=models.UniqueConstraint(fields=('merchant', 'name'), name='macro_once'),
        ),
        migrations.AddConstraint(
            model_name='messagetemplate',
            constraint=models.UniqueConstraint(fields=('merchant', 'name'), name='message_template_once'),
        ),
        migrations.AddConstraint(
            model_name='messagetemplate',
            constraint=models.CheckConstraint(condition=models.Q(('channel__in', ('call', 'sms', 'chat', 'link'))), name='message_template_channel'),
        ),
        migrations.AddIndex(
            model_name='notice',
            index=models.Index(condition=models.Q(('read_at__isnull', True)), fields=['user', '-at'], name='case_notice_unread'),
        ),
        migrations.AddConstraint(
            model_name='notice',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['mention', 'approval', 'approved', 'refused', 'assigned', 'late', 'address'])), name='case_notice_kind_known'),
        ),
        migrations.AddConstraint(
            model_name='sop',
            constraint=models.UniqueConstraint(fields=('merchant', 'type', 'version'), name='sop_version_once'),
        ),
        migrations.AddConstraint(
            model_name='sop',
            constraint=models.UniqueConstraint(condition=models.Q(('live', True)), fields=('merchant', 'type'), name='sop_one_live'),
        ),
        migrations.AddIndex(
            model_name='case',
            index=models.Index(condition=models.Q(('state', 'closed'), _negated=True), fields=['merchant', 'owner_role', 'resolve_due'], name='case_open'),
        ),
        migrations.AddIndex(
            model_name='case',
            index=models.Index(condition=models.Q(('wanted', True)), fields=['merchant', 'order'], name='case_wanted'),
        ),
        migrations.AddIndex(
            model_name='case',
            index=models.Index(condition=models.Q(('state', 'closed')), fields=['merchant', '-closed_at'], name='case_closed'),
        ),
        migrations.AddIndex(
            model_name='case',
            index=models.Index(condition=models.Q(('state', 'waiting')), fields=['wait_until'], name='case_waiting'),
        ),
        migrations.AddConstraint(
            model_name='case',
            constraint=models.UniqueConstraint(fields=('order', 'type'), name='case_once'),
        ),
        migrations.AddConstraint(
            model_name='case',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ('open', 'waiting', 'approval', 'closed'))), name='case_state_known'),
        ),
        migrations.AddConstraint(
            model_name='case',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('closed_at__isnull', False), ('outcome__in', ('solved', 'left', 'unfounded', 'unreachable')), ('state', 'closed')), models.Q(models.Q(('state', 'closed'), _negated=True), ('closed_at__isnull', True), ('outcome__isnull', True)), _connector='OR'), name='case_closed_somehow'),
        ),
        migrations.AddConstraint(
            model_name='case',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('cause__isnull', True), ('cause_at__isnull', True)), models.Q(('cause__isnull', False), ('cause_at__isnull', False)), _connector='OR'), name='case_cause_at'),
        ),
        migrations.AddConstraint(
            model_name='case',
            constraint=models.CheckConstraint(condition=models.Q(('wait_until__isnull', True), ('state', 'waiting'), _connector='OR'), name='case_waits_until'),
        ),
    ]
