from django.apps import AppConfig


class IntakeConfig(AppConfig):
    """Import jobs: files in, orders or refused rows out."""

    name = "qingdan.intake"
    label = "intake"
    verbose_name = "导入"
