"""What bills say of an order's payment."""

from django.db import migrations, models

STATES = (
    "none", "full", "short", "over", "double", "refunded", "part_refunded", "missing", "unexpected", "unpaid", "settled",
)  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [("orders", "0005_images_and_alerts")]

    operations = [
        migrations.AddField(
            model_name="order",
            name="payment_match",
            field=models.TextField(default="none", verbose_name="支付核对"),
            preserve_default=False,
        ),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.CheckConstraint(
                condition=models.Q(payment_match__in=STATES),
                name="order_payment_match_known",
            ),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                condition=models.Q(payment_no__isnull=False),
                fields=["merchant", "payment_no"],
                name="order_payment_no",
            ),
        ),
    ]
