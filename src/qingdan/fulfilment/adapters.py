"""The kinds of warehouse interface there are: one folder under ``wms/`` each."""

from typing import Final

from qingdan.core.message import Words
from qingdan.fulfilment.models import Destination
from qingdan.fulfilment.sealing import unseal
from qingdan.fulfilment.wms import Access, Adapter, Listener
from qingdan.fulfilment.wms.qimen import QimenAdapter, QimenListener

ADAPTERS: Final[dict[str, Adapter]] = {"qimen": QimenAdapter()}
LISTENERS: Final[dict[str, Listener]] = {"qimen": QimenListener()}
LABELS: Final[dict[str, Words]] = {"qimen": Words("奇门", "Qimen")}
REQUIRED: Final[dict[str, tuple[str, ...]]] = {
    "qimen": ("url", "app_key", "customer_id", "warehouse_code", "owner_code"),
}
"""Settings that a destination of each kind must have."""


def seal_row(destination: int) -> str:
    """Name of the place that a destination's secret is sealed to."""
    return f"fulfilment_destination.secret:{destination}"


def access(destination: Destination) -> Access:
    """Return how to reach a destination, its secret opened; raises ``SealBrokenError``."""
    secret = unseal(bytes(destination.secret), seal_row(destination.pk)) if destination.secret else ""
    return Access(destination.pk, destination.name, destination.settings, secret)
