"""The room of customer lists as a Django app."""

from django.apps import AppConfig


class CustomersConfig(AppConfig):
    """Who is a VIP, who returns much, whom to watch."""

    name = "qingdan.customers"
