"""A delivery as 奇门 writes it."""

from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from qingdan.fulfilment.delivery import Delivery, yuan
from qingdan.fulfilment.wms import Access
from qingdan.fulfilment.wms.receiver import check_codes, receiver

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


def order_element(delivery: Delivery, to: Access, now: datetime) -> dict[str, Any]:
    """Write ``deliveryOrder`` and ``orderLines``; raises ``NotSendableError`` when a warehouse could not ship it."""
    facts, amounts = delivery.facts, delivery.weighed
    check_codes(delivery)
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
    who = receiver(delivery)
    region = {"province": who.province, "city": who.city, "area": who.district, "town": who.town}
    if who.token:
        return {**region, "oaid": who.token}
    return {"name": who.name, "mobile": who.phone, "detailAddress": who.address, **region}


def _moment(moment: datetime | None) -> str:
    return moment.astimezone(_ZONE).strftime("%Y-%m-%d %H:%M:%S") if moment else ""
