"""The room of what is watched over as a Django app."""

from django.apps import AppConfig


class OversightConfig(AppConfig):
    """Who has fallen silent, and whether our ledger and others' books agree."""

    name = "qingdan.oversight"
    label = "oversight"
    verbose_name = "异常监测"
