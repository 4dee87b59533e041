"""The kinds of warehouse interface there are: one folder under ``wms/`` each."""

from typing import Final

from qingdan.core.message import Words
from qingdan.fulfilment.models import Destination
from qingdan.fulfilment.wms import Access, Adapter, Dropper, Listener
from qingdan.fulfilment.wms.filedrop import FileDrop, ReleaseList
from qingdan.fulfilment.wms.qimen import QimenAdapter, QimenListener
from qingdan.fulfilment.wms.webhook import WebhookAdapter, WebhookListener
from qingdan.web.sealing import unseal

ADAPTERS: Final[dict[str, Adapter | Dropper]] = {
    "qimen": QimenAdapter(),
    "webhook": WebhookAdapter(),
    "file_drop": FileDrop(),
    "release_list": ReleaseList(),
}
LISTENERS: Final[dict[str, Listener]] = {"qimen": QimenListener(), "webhook": WebhookListener()}
LABELS: Final[dict[str, Words]] = {
    "qimen": Words("奇门", "Qimen"),
    "webhook": Words("通用接口", "Webhook"),
    "file_drop": Words("发货文件", "Files"),
    "release_list": Words("发货清单", "Release list"),
}
REQUIRED: Final[dict[str, tuple[str, ...]]] = {
    "qimen": ("url", "app_key", "customer_id", "warehouse_code", "owner_code"),
    "webhook": ("url",),
    "file_drop": ("folder",),
    "release_list": ("folder",),
}
"""Settings that a destination of each kind must have."""


def seal_row(destination: int) -> str:
    """Name of the place that a destination's secret is sealed to."""
    return f"fulfilment_destination.secret:{destination}"


def access(destination: Destination) -> Access:
    """Return how to reach a destination, its secret opened; raises ``SealBrokenError``."""
    secret = unseal(bytes(destination.secret), seal_row(destination.pk)) if destination.secret else ""
    return Access(destination.pk, destination.name, destination.settings, secret)
