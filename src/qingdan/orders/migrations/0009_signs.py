"""What orders have in common: signs of orders that nobody really placed."""

from django.db import migrations, models

SIGNS = (
    ("same_phone_count", "同电话订单数", 1),
    ("same_buyer_count", "同买家订单数", 1),
    ("same_minute_count", "同店同分钟订单数", 1),
    ("same_amount_count", "同店同额订单数", 1),
    ("receiver_refunds_30d", "同收货人近30天退款", 0),
)


class Migration(migrations.Migration):
    dependencies = [("orders", "0008_sent_orders")]

    operations = [
        migrations.AddField(
            model_name="order",
            name=name,
            field=models.BigIntegerField(default=default, verbose_name=title),
            preserve_default=False,
        )
        for name, title, default in SIGNS
    ]
