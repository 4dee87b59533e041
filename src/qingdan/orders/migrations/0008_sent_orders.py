"""Orders that a warehouse has and has not reported as shipped."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("orders", "0007_live")]

    operations = [
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                condition=models.Q(stage="sent"), fields=["merchant", "id"], name="order_sent"
            ),
        ),
    ]
