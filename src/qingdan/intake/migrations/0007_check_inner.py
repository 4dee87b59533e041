"""Checks of the mapping wizard say which table of an archive they read."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """The name of a table within an archive."""

    dependencies: ClassVar = [("intake", "0006_passwords")]

    operations: ClassVar = [
        migrations.AddField("mappingcheck", "inner", models.TextField(db_default="")),
    ]
