from django.apps import AppConfig


class FulfilmentConfig(AppConfig):
    """The way out: what must leave for a warehouse, the relay that sends it, and what comes back."""

    name = "qingdan.fulfilment"
    label = "fulfilment"
    verbose_name = "出库推送"
