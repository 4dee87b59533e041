"""The kinds of warehouse interface there are: one folder under ``wms/`` each."""

from typing import Final

from qingdan.core.message import Words
from qingdan.fulfilment.models import Destination
from qingdan.fulfilment.wms import Access, Adapter, Dropper, Listener
from qingdan.fulfilment.wms.filedrop import FileDrop, ReleaseList
from qingdan.fulfilment.wms.jushuitan import JushuitanAdapter
from qingdan.fulfilment.wms.qimen import QimenAdapter, QimenListener
from qingdan.fulfilment.wms.wangdian import WangdianAdapter
from qingdan.fulfilment.wms.wangdian_enterprise import WangdianEnterpriseAdapter
from qingdan.fulfilment.wms.webhook import WebhookAdapter, WebhookListener
from qingdan.web.sealing import unseal

ADAPTERS: Final[dict[str, Adapter | Dropper]] = {
    "qimen": QimenAdapter(),
    "wangdian": WangdianAdapter(),
    "wangdian_enterprise": WangdianEnterpriseAdapter(),
    "jushuitan": JushuitanAdapter(),
    "webhook": WebhookAdapter(),
    "file_drop": FileDrop(),
    "release_list": ReleaseList(),
}
LISTENERS: Final[dict[str, Listener]] = {"qimen": QimenListener(), "webhook": WebhookListener()}
LABELS: Final[dict[str, Words]] = {
    "qimen": Words("奇门", "Qimen"),
    "wangdian": Words("旺店通 旗舰版", "Wangdiantong flagship"),
    "wangdian_enterprise": Words("旺店通 企业版", "Wangdiantong enterprise"),
    "jushuitan": Words("聚水潭", "Jushuitan"),
    "webhook": Words("通用接口", "Webhook"),
    "file_drop": Words("发货文件", "Files"),
    "release_list": Words("发货清单", "Release list"),
}
REQUIRED: Final[dict[str, tuple[str, ...]]] = {
    "qimen": ("url", "app_key", "customer_id", "warehouse_code", "owner_code"),
    "wangdian": ("url", "sid", "key", "shop_no"),
    "wangdian_enterprise": ("url", "sid", "appkey", "shop_no"),
    "jushuitan": ("url", "app_key", "shop_id"),
    "webhook": ("url",),
    "file_drop": ("folder",),
    "release_list": ("folder",),
}
"""Settings that a destination of each kind must have."""
OPTIONAL: Final[dict[str, tuple[str, ...]]] = {
    "qimen": ("logistics_code", "version", "batch_size"),
    "wangdian": ("warehouse_no", "batch_size", "poll_seconds"),
    "wangdian_enterprise": ("sign_length", "poll_seconds"),
    "jushuitan": ("wms_co_id", "batch_size", "poll_seconds"),
    "webhook": ("query_url",),
    "file_drop": ("format", "batch_size"),
    "release_list": ("format", "batch_size"),
}
"""Settings that a destination of each kind may have beside them."""


def seal_row(destination: int) -> str:
    """Name of the place that a destination's secret is sealed to."""
    return f"fulfilment_destination.secret:{destination}"


def access(destination: Destination) -> Access:
    """Return how to reach a destination, its secret opened; raises ``SealBrokenError``."""
    secret = unseal(bytes(destination.secret), seal_row(destination.pk)) if destination.secret else ""
    return Access(destination.pk, destination.name, destination.settings, secret)
