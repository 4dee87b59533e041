"""Two facts of customer lists: key accounts and the blacklist."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("orders", "0003_channels_by_data")]

    operations = [
        migrations.AddField(
            model_name="order",
            name="key_account",
            field=models.BooleanField(default=False, verbose_name="大客户"),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="order",
            name="blacklisted",
            field=models.BooleanField(default=False, verbose_name="黑名单客户"),
            preserve_default=False,
        ),
    ]
