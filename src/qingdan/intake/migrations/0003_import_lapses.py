from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("intake", "0002_mappings")]

    operations = [
        migrations.AddField(model_name="import", name="lapses", field=models.IntegerField(db_default=0)),
    ]
