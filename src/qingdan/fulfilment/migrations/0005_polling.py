"""When a destination that tells nothing by itself was last asked what it has shipped."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """A column, null for all there are."""

    dependencies = [("fulfilment", "0004_silence")]

    operations = [
        migrations.AddField(model_name="health", name="polled_at", field=models.DateTimeField(null=True)),
    ]
