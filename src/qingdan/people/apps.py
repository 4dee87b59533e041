from django.apps import AppConfig


class PeopleConfig(AppConfig):
    """Merchant's people: users, roles, saved views."""

    name = "qingdan.people"
    verbose_name = "人员 People"
