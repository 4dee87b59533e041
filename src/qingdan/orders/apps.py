from django.apps import AppConfig


class OrdersConfig(AppConfig):
    """The order store: its tables, the ledger that alone writes them, and the reads."""

    name = "qingdan.orders"
    label = "orders"
    verbose_name = "订单"
