"""The 奇门 side of the simulated warehouse."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo

from qingdan.fulfilment.wms import Call, signing, xmltext
from qingdan.sandbox.wms.faults import Faults
from qingdan.sandbox.wms.ledger import SHIPPED, STOPPED, Effect, Ledger

_ZONE: Final = ZoneInfo("Asia/Shanghai")
_TOLERANCE: Final = timedelta(minutes=10)
_CHANGING: Final = frozenset({"deliveryorder.create", "deliveryorder.batchcreate", "order.cancel", "order.pending"})
_XML: Final = "text/xml;charset=utf-8"


@dataclass(frozen=True, slots=True)
class Keys:
    """What both sides agreed on."""

    app_key: str = "sandbox"
    secret: str = "sandbox-secret"  # noqa: S105 - the simulation's own, known to all
    customer_id: str = "sandbox"


@dataclass(frozen=True, slots=True)
class Qimen:
    """Answers calls; ``ship_after`` is how long a delivery takes to leave."""

    ledger: Ledger
    faults: Faults
    keys: Keys
    ship_after: float
    clock: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))

    def answer(self, params: Mapping[str, str], body: bytes) -> bytes:
        """Answer one call, as the standard says; a copy of a call that changed something is refused."""
        refusal = self._refuse(params, body)
        if refusal:
            self.ledger.note(params.get("method", "?"), "", "unauthentic")
            return _gateway(refusal)
        try:
            root = xmltext.read(body)
        except xmltext.BadXmlError as error:
            return _failure("E002", f"报文解析失败 {error}")
        method = params["method"].removeprefix("taobao.qimen.")
        answer = self._answer(method, root)
        if method in _CHANGING:
            self.ledger.note_done(params["sign"])
        return answer

    def _answer(self, method: str, root: xmltext.Node) -> bytes:
        match method:
            case "deliveryorder.create":
                return self._create(root)
            case "deliveryorder.batchcreate":
                for order in root.all("orders/order"):
                    self._create(order)
                return _success({})
            case "deliveryorder.query":
                return self._query(root)
            case "order.cancel":
                return self._cancel(root)
            case "order.pending":
                return self._pending(root)
        return _failure("E003", "不支持的接口")

    def confirmation(self, effect: Effect, url: str, now: datetime) -> Call:
        """Build ``deliveryorder.confirm`` for a shipped delivery; what has two lines leaves in two parcels."""
        content = {
            "deliveryOrder": {
                "deliveryOrderCode": effect.number,
                "deliveryOrderId": f"WMS{effect.id}",
                "warehouseCode": "SANDBOX",
                "orderType": "JYCK",
                "status": "DELIVERED",
                "outBizCode": f"OUT{effect.id}",
                "confirmType": "0",
            },
            "packages": {"package": _parcels(effect)},
        }
        return self.call("deliveryorder.confirm", content, url, now)

    def batch_answer(self, numbers: list[str], url: str, now: datetime) -> Call:
        """Build ``deliveryorder.batchcreate.answer``."""
        orders = []
        for number in numbers:
            effect = self.ledger.find(number)
            order = {"deliveryOrderCode": number, "flag": "success" if effect else "failure"}
            orders.append(order | ({"orderInfo": {"deliveryOrderId": f"WMS{effect.id}"}} if effect else {}))
        return self.call("deliveryorder.batchcreate.answer", {"orders": {"order": orders}}, url, now)

    def call(self, method: str, content: Mapping[str, Any], url: str, now: datetime) -> Call:
        """Build a signed call to the owner of the orders."""
        body = xmltext.write("request", content)
        params = {
            "method": method,
            "timestamp": now.astimezone(_ZONE).strftime("%Y-%m-%d %H:%M:%S"),
            "format": "xml",
            "app_key": self.keys.app_key,
            "v": "2.0",
            "sign_method": "md5",
            "customerId": self.keys.customer_id,
        }
        params["sign"] = signing.qimen(params, body, self.keys.secret)
        return Call(f"{url}?{urlencode(params, quote_via=quote)}", body, {"Content-Type": _XML})

    def _refuse(self, params: Mapping[str, str], body: bytes) -> str:
        if not signing.same(params.get("sign", ""), signing.qimen(params, body, self.keys.secret)):
            return "Invalid signature"
        if params.get("customerId") != self.keys.customer_id or params.get("app_key") != self.keys.app_key:
            return "Invalid customer"
        try:
            told = datetime.strptime(params.get("timestamp", ""), "%Y-%m-%d %H:%M:%S").replace(tzinfo=_ZONE)
        except ValueError:
            return "Invalid timestamp"
        if abs(self.clock() - told) > _TOLERANCE:
            return "Stale timestamp"
        changes = params.get("method", "").removeprefix("taobao.qimen.") in _CHANGING
        return "Replayed" if changes and self.ledger.was_done(params["sign"]) else ""

    def _create(self, root: xmltext.Node) -> bytes:
        order = root.first("deliveryOrder")
        number = order.value("deliveryOrderCode") if order else ""
        lines = list(root.all("orderLines/orderLine"))
        if order is None or not number or not lines:
            return _failure("E010", "缺少出库单号或明细")
        if problem := _amounts(order):
            self.ledger.note("create", number, "refused")
            return _failure("E011", problem)
        if not order.value("receiverInfo/mobile") and not order.value("receiverInfo/oaid"):
            self.ledger.note("create", number, "refused")
            return _failure("E012", "缺少收货人电话")
        known = self.ledger.find(number)
        if known is not None and not self.faults.forgetful:
            self.ledger.note("create", number, "repeated")
            return _failure("E099", f"出库单 {number} 已存在")
        items = [[line.value("itemCode"), int(line.value("planQty") or 0)] for line in lines]
        source = lines[0].value("sourceOrderCode")
        effect = self.ledger.take(number, source, "qimen", items, self.ship_after)
        self.ledger.note("create", number, "taken")
        return _success({"deliveryOrderId": f"WMS{effect}", "createTime": _now()})

    def _query(self, root: xmltext.Node) -> bytes:
        number = root.value("orderCode")
        found = self.ledger.find(number)
        self.ledger.note("query", number, "found" if found else "absent")
        if found is None:
            return _failure("E404", f"出库单 {number} 不存在")
        status = {SHIPPED: "DELIVERED", STOPPED: "CANCELED"}.get(found.state, "ACCEPT")
        order = {"deliveryOrderCode": number, "deliveryOrderId": f"WMS{found.id}", "status": status}
        shipped = {"packages": {"package": _parcels(found)}} if found.state == SHIPPED else {}
        return _success({"deliveryOrder": order, "totalLines": str(len(found.lines)), **shipped})

    def _pending(self, root: xmltext.Node) -> bytes:
        number = root.value("orderCode")
        found = self.ledger.find(number)
        if found is None or found.state in {SHIPPED, STOPPED}:
            self.ledger.note("pending", number, "absent" if found is None else "too late")
            return _failure("E404" if found is None else "E020", f"单据 {number} 不存在或已发货")
        self.ledger.pause(number, restore=root.value("actionType") == "restore")
        self.ledger.note("pending", number, root.value("actionType"))
        return _success({})

    def _cancel(self, root: xmltext.Node) -> bytes:
        number = root.value("orderCode")
        found = self.ledger.find(number)
        if found is None:
            self.ledger.note("cancel", number, "absent")
            return _failure("E404", f"单据 {number} 不存在")
        if found.state == SHIPPED or (self.faults.no_intercept and found.state != STOPPED):
            self.ledger.note("cancel", number, "too late")
            return _failure("E020", "订单已拣货或已发货，拦截失败")
        self.ledger.stop(number)
        self.ledger.note("cancel", number, "stopped")
        return _success({})


def _parcels(effect: Effect) -> list[dict[str, Any]]:
    """Write a shipped delivery's parcels; what has two lines leaves in two."""
    return [
        {
            "logisticsCode": "SF",
            "logisticsName": "顺丰速运",
            "expressCode": effect.tracking + (f"-{place}" if place else ""),
            "items": {"item": [{"itemCode": code, "quantity": quantity}]},
        }
        for place, (code, quantity) in enumerate(effect.lines)
    ]


def _amounts(order: xmltext.Node) -> str:
    """Say what is wrong with the amounts; the standard's identities must hold to the cent."""
    try:
        total, goods, discount, freight, still, got = (
            round(float(order.value(name) or 0) * 100)
            for name in ("totalAmount", "itemAmount", "discountAmount", "freight", "arAmount", "gotAmount")
        )
    except ValueError:
        return "金额格式错误"
    return "" if total == goods - discount + freight == still + got else "金额不平"


def _now() -> str:
    return datetime.now(_ZONE).strftime("%Y-%m-%d %H:%M:%S")


def _success(more: Mapping[str, Any]) -> bytes:
    return xmltext.write("response", {"flag": "success", "code": "0", "message": "ok", **more})


def _failure(code: str, message: str) -> bytes:
    return xmltext.write("response", {"flag": "failure", "code": code, "message": message})


def _gateway(message: str) -> bytes:
    return xmltext.write(
        "error_response", {"code": "25", "msg": message, "sub_code": "isv.invalid-signature", "sub_msg": message}
    )
