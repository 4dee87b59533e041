from django.db import migrations, models


class Migration(migrations.Migration):
    """Bills that want a password wait for one."""

    dependencies = [("finance", "0001_initial")]

    operations = [
        migrations.AddField("billfile", "locked", models.BooleanField(db_default=False)),
        migrations.AddField("billfile", "sealed", models.BinaryField(null=True)),
    ]
