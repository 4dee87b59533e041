"""Reviews after a list changed have a total, go on where they stopped, and may be cancelled."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """How far a review is."""

    dependencies: ClassVar = [("customers", "0001_initial")]

    operations: ClassVar = [
        migrations.AddField("change", "waiting", models.BigIntegerField(db_default=0)),
        migrations.AddField("change", "seen", models.BigIntegerField(db_default=0)),
        migrations.AddField("change", "last_order", models.BigIntegerField(db_default=0)),
        migrations.AddField("change", "cancelled", models.BooleanField(db_default=False)),
    ]
