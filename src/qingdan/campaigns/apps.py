"""The room of clean-ups as a Django app."""

from django.apps import AppConfig


class CampaignsConfig(AppConfig):
    """A pile of orders brought to zero by a date, with a plan, checkpoints and what is learned from it."""

    name = "qingdan.campaigns"
    label = "campaigns"
    verbose_name = "清理战役"
