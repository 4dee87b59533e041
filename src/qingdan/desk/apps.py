from django.apps import AppConfig


class DeskConfig(AppConfig):
    """Where people clear what rules cannot: queues, leases, verdicts."""

    name = "qingdan.desk"
    label = "desk"
