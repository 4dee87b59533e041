"""Undoing an import in the background: who asked for it and how far it is."""

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models
from django.db.models.functions import Now


class Migration(migrations.Migration):
    """A row an undoing."""

    dependencies: ClassVar = [("intake", "0007_check_inner")]

    operations: ClassVar = [
        migrations.CreateModel(
            name="Undoing",
            fields=[
                (
                    "drop",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="undoing",
                        serialize=False,
                        to="intake.import",
                    ),
                ),
                ("actor_id", models.TextField()),
                ("actor_name", models.TextField()),
                ("step", models.IntegerField(db_default=0)),
                ("error", models.JSONField(null=True)),
                ("asked_at", models.DateTimeField(db_default=Now())),
                ("finished_at", models.DateTimeField(null=True)),
            ],
        ),
    ]
