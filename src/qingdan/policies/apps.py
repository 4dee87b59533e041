from django.apps import AppConfig


class PoliciesConfig(AppConfig):
    """Versions of review policies, and which of them is live."""

    name = "qingdan.policies"
    label = "policies"
    verbose_name = "审单策略"
