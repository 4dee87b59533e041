"""The room of payments as a Django app."""

from django.apps import AppConfig


class FinanceConfig(AppConfig):
    """Payment bills, and what they say of orders."""

    name = "qingdan.finance"
    label = "finance"
