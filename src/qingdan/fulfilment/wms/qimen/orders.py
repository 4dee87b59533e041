"""A delivery as 奇门 writes it."""

from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from qingdan.core.message import Message, Words
from qingdan.fulfilment.delivery import Delivery, yuan
from qingdan.fulfilment.wms import Access, NotSendableError

_ZONE: Final = ZoneInfo("Asia/Shanghai")
_PLATFORMS: Final = {
    "taobao": "TB",
    "jd": "JD",
    "douyin": "DYXD",
    "xiaohongshu": "XHS",
    "alibaba1688": "1688",
}
"""Codes of the official list; the other platforms go as OTHERS with their name."""
_PLATFORM_NAMES: Final = {"pdd": "拼多多", "kuaishou": "快手", "wechat": "微信小店", "youzan": "有赞"}
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
_NO_SKU: Final = Message(
    "push.no_sku",
    Words(
        "有商品没有商家编码，仓库不知道是哪个货。", "A line has no SKU code, so the warehouse can not tell what it is."
    ),
    Words(
        "请在平台给商品填上商家编码，重新导入后再推送。", "Give the goods their SKU codes and import the order again."
    ),
)


def order_element(delivery: Delivery, to: Access, now: datetime) -> dict[str, Any]:
    """Write ``deliveryOrder`` and ``orderLines``; raises ``NotSendableError`` when a warehouse could not ship it."""
    facts, amounts = delivery.facts, delivery.weighed
    if any(not line.sku_code for line in delivery.lines):
        raise NotSendableError(_NO_SKU)
    channel = delivery.text("channel")
    order = {
        "deliveryOrderCode": delivery.number,
        "orderType": "JYCK",
        "warehouseCode": to.setting("warehouse_code", "OTHER"),
        "orderFlag": "COD" if facts.get("pay_method") == "cod" else "",
        "sourcePlatformCode": _PLATFORMS.get(channel, "OTHERS"),
        "sourcePlatformName": _PLATFORM_NAMES.get(channel, ""),
        "createTime": _moment(delivery.released_at),
        "placeOrderTime": _moment(facts.get("created_at") or facts.get("paid_at") or delivery.released_at),
        "payTime": _moment(facts.get("paid_at")),
        "payNo": delivery.text("payment_no"),
        "operatorName": delivery.released_by,
        "operateTime": _moment(now),
        "shopNick": delivery.text("shop"),
        "totalAmount": yuan(amounts.total),
        "itemAmount": yuan(amounts.goods),
        "discountAmount": yuan(amounts.discount),
        "freight": yuan(amounts.freight),
        **_payment(delivery),
        "logisticsCode": to.setting("logistics_code", "OTHER"),
        "latestDeliveryTime": _moment(delivery.ship_by),
        "senderInfo": _sender(to),
        "receiverInfo": _receiver(delivery),
        "isUrgency": "Y" if delivery.urgent else "N",
        "buyerMessage": delivery.text("buyer_message"),
        "sellerMessage": delivery.text("seller_memo"),
    }
    lines = [
        {
            "orderLineNo": line.line_no,
            "sourceOrderCode": delivery.text("order_no"),
            "ownerCode": to.setting("owner_code"),
            "itemCode": line.sku_code,
            "inventoryType": "ZP",
            "itemName": line.title,
            "planQty": str(line.quantity),
            "retailPrice": yuan(line.price),
            "actualPrice": _price(line.amount, line.quantity),
            "discountAmount": yuan(line.discount),
        }
        for line in delivery.lines
    ]
    return {"deliveryOrder": order, "orderLines": {"orderLine": lines}}


def _payment(delivery: Delivery) -> dict[str, str]:
    """Write what was paid and what is still to be collected; together they are the total."""
    total, nothing = yuan(delivery.weighed.total), yuan(0)
    if delivery.facts.get("pay_method") == "cod":
        return {"arAmount": total, "gotAmount": nothing}
    return {"arAmount": nothing, "gotAmount": total}


def _price(amount: int, quantity: int) -> str:
    """Price of one piece after the discount, in yuan: the line's rest is in its ``discountAmount``."""
    return yuan(amount // quantity) if quantity else yuan(amount)


def _sender(to: Access) -> dict[str, str]:
    sender = to.settings.get("sender") or {}
    return {
        "name": str(sender.get("name") or "仓库"),
        "mobile": str(sender.get("mobile") or ""),
        "province": str(sender.get("province") or ""),
        "city": str(sender.get("city") or ""),
        "area": str(sender.get("area") or ""),
        "detailAddress": str(sender.get("address") or ""),
    }


def _receiver(delivery: Delivery) -> dict[str, str]:
    """Write the receiver; of one that the platform masked only the region and its token, never the masked text."""
    province = delivery.text("province")
    region = {
        "province": province + _PROVINCES.get(province, "省") if province else "",
        "city": delivery.text("city"),
        "area": delivery.text("district"),
        "town": delivery.text("town"),
    }
    if delivery.facts.get("receiver_masked"):
        token = delivery.text("receiver_token")
        if not token:
            raise NotSendableError(_MASKED)
        return {**region, "oaid": token}
    plain = {
        "name": delivery.text("receiver_name"),
        "mobile": delivery.text("receiver_phone"),
        "detailAddress": delivery.text("address"),
    }
    fields = {
        "name": Words("收货人", "name"),
        "mobile": Words("收货电话", "phone number"),
        "detailAddress": Words("详细地址", "address"),
    }
    for key, words in fields.items():
        if not plain[key]:
            raise NotSendableError(
                Message("push.receiver_incomplete", _NO_RECEIVER, _NO_RECEIVER_ADVICE, {"field": words})
            )
    return {**plain, **region}


def _moment(moment: datetime | None) -> str:
    return moment.astimezone(_ZONE).strftime("%Y-%m-%d %H:%M:%S") if moment else ""
