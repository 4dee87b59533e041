"""The board's room as a Django app."""

from django.apps import AppConfig


class InsightConfig(AppConfig):
    """Where the orders stand, why, and when they will be gone."""

    name = "qingdan.insight"
    label = "insight"
    verbose_name = "看板"
