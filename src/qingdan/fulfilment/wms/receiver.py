"""Who gets a delivery, as every interface asks for it: in clear, or by the platform's token, never as masked text."""

from dataclasses import dataclass
from typing import Final

from qingdan.core.message import Message, Words
from qingdan.fulfilment.delivery import Delivery
from qingdan.fulfilment.wms import NotSendableError

_PROVINCES: Final = {
    **dict.fromkeys(("北京", "天津", "上海", "重庆"), "市"),
    "内蒙古": "自治区",
    "西藏": "自治区",
    "广西": "壮族自治区",
    "宁夏": "回族自治区",
    "新疆": "维吾尔自治区",
    "香港": "特别行政区",
    "澳门": "特别行政区",
}

_MASKED: Final = Message(
    "push.receiver_masked",
    Words(
        "收货信息是平台脱敏的，也没有平台令牌，仓库打不出面单。",
        "The platform masked the receiver and gave no token, so the warehouse can not print a label.",
    ),
    Words(
        "请用平台自己的发货工具发出（见发货清单），或取得收货令牌后重新导入。",
        "Ship it with the platform's own tool (see the release list), or import it again with its token.",
    ),
)
_NO_RECEIVER: Final = Words("缺收货信息：{field}。", "The receiver is incomplete: no {field}.")
_NO_RECEIVER_ADVICE: Final = Words(
    "请补全收货信息后重新导入，再推送。", "Complete the receiver, import the order again and push it again."
)
_TOKEN: Final = Message(
    "push.token_unsupported",
    Words(
        "收货信息是平台脱敏的，这家仓库的接口用不了平台令牌。",
        "The platform masked the receiver, and this warehouse's interface can not use the platform's token.",
    ),
    Words(
        "请改派能用令牌的仓库，或用平台自己的发货工具发出（见发货清单）。",
        "Send it to a warehouse that takes tokens, or ship it with the platform's own tool (see the release list).",
    ),
)
_NO_SKU: Final = Message(
    "push.no_sku",
    Words(
        "有商品没有商家编码，仓库不知道是哪个货。", "A line has no SKU code, so the warehouse can not tell what it is."
    ),
    Words(
        "请在平台给商品填上商家编码，重新导入后再推送。", "Give the goods their SKU codes and import the order again."
    ),
)

_CALLED_BACK: Final = "取消"
_NEEDED: Final = {
    "receiver_name": Words("收货人", "name"),
    "receiver_phone": Words("收货电话", "phone number"),
    "address": Words("详细地址", "address"),
}


@dataclass(frozen=True, slots=True)
class Receiver:
    """A receiver: name, phone and address, or ``token`` and no more than the region."""

    name: str
    phone: str
    province: str
    city: str
    district: str
    town: str
    address: str
    token: str = ""


def check_codes(delivery: Delivery) -> None:
    """Raise ``NotSendableError`` for a line that no warehouse could find on its shelves."""
    if any(not line.sku_code for line in delivery.lines):
        raise NotSendableError(_NO_SKU)


def receiver(delivery: Delivery, token_channels: frozenset[str] | None = None) -> Receiver:
    """Return who gets it; raises ``NotSendableError`` when no label could be printed.

    ``token_channels`` are those whose tokens the interface understands; None: all.
    """
    text, region = delivery.text, _region(delivery)
    if delivery.facts.get("receiver_masked"):
        if not (token := text("receiver_token")):
            raise NotSendableError(_MASKED)
        if token_channels is not None and text("channel") not in token_channels:
            raise NotSendableError(_TOKEN)
        return Receiver("", "", *region, "", token)
    for key, words in _NEEDED.items():
        if not text(key):
            raise NotSendableError(
                Message("push.receiver_incomplete", _NO_RECEIVER, _NO_RECEIVER_ADVICE, {"field": words})
            )
    return Receiver(text("receiver_name"), text("receiver_phone"), *region, text("address"))


def whoever(delivery: Delivery) -> Receiver:
    """Return the receiver of a delivery that is being called back: nobody gets it, so nothing is missing."""
    shown = {} if delivery.facts.get("receiver_masked") else {key: delivery.text(key) for key in _NEEDED}
    return Receiver(
        shown.get("receiver_name") or _CALLED_BACK,
        shown.get("receiver_phone", ""),
        *_region(delivery),
        shown.get("address") or _CALLED_BACK,
    )


def _region(delivery: Delivery) -> tuple[str, str, str, str]:
    """Province in full, city, district and town, empty where not known."""
    province = delivery.text("province")
    full = province + _PROVINCES.get(province, "省") if province else ""
    return full, delivery.text("city"), delivery.text("district"), delivery.text("town")
