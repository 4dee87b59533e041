"""The room of cases as a Django app."""

from django.apps import AppConfig


class CasesConfig(AppConfig):
    """Exceptions as cases: their steps, contacts, comments, and the repair of addresses."""

    name = "qingdan.cases"
    label = "cases"
    verbose_name = "异常工单"
