from django.apps import AppConfig


class AlertsConfig(AppConfig):
    """Being told before it hurts: alerts, whom they go to, and what was sent."""

    name = "qingdan.alerts"
    verbose_name = "提醒 Alerts"
