"""What silence is noticed by: when parcels were told of, and when messages were refused."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("fulfilment", "0003_relay")]

    operations = [
        migrations.AddField(
            model_name="health", name="refused_at", field=models.DateTimeField(null=True)
        ),
        migrations.AddIndex(
            model_name="parcel",
            index=models.Index(fields=["destination", "-told_at"], name="parcel_newest"),
        ),
    ]
