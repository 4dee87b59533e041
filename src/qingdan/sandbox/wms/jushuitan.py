"""The 聚水潭 side of the simulated warehouse."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import parse_qsl

from qingdan.fulfilment.wms import signing
from qingdan.fulfilment.wms.numbers import instant
from qingdan.sandbox.wms.ledger import SHIPPED, STOPPED, STOPPING, Effect
from qingdan.sandbox.wms.speaking import Answered, Asked, Floor, Parcel, fen

PROTOCOL: Final = "jushuitan"
_TOLERANCE: Final = 300
_UPLOAD: Final = "orders/upload"
_CANCEL: Final = "orderbyoid/cancel"
_CHANGING: Final = (_UPLOAD, _CANCEL)
_AUTH, _FIELD = 100, 130
_NEEDED: Final = ("so_id", "order_date", "shop_buyer_id", "receiver_name", "receiver_address")


@dataclass(frozen=True, slots=True)
class Jushuitan:
    """Answers calls."""

    floor: Floor
    app_key: str = "sandbox"
    secret: str = "sandbox-secret"  # noqa: S105 - the simulation's own, known to all
    access_token: str = "sandbox-token"  # noqa: S105
    shop_id: int = 1
    prefix: str = "/jushuitan/"

    def answer(self, asked: Asked) -> Answered:
        """Answer one call."""
        try:
            form = dict(parse_qsl(asked.body.decode(), keep_blank_values=True))
        except ValueError:
            form = {}
        if refusal := self._refuse(asked.path, form):
            self.floor.unauthentic(asked.path)
            return _failed(_AUTH, refusal)
        try:
            answer = self._answer(asked.path, json.loads(form["biz"]))
        except (ValueError, TypeError, KeyError, AttributeError, IndexError) as error:
            return _failed(_FIELD, f"业务参数错误 {type(error).__name__}")
        if asked.path.endswith(_CHANGING):
            self.floor.changed(form["sign"])
        return answer

    def _refuse(self, path: str, form: Mapping[str, str]) -> str:
        if form.get("app_key") != self.app_key or form.get("access_token") != self.access_token:
            return "app_key 或 access_token 无效"
        if not signing.same(form.get("sign", ""), signing.jushuitan(form, self.secret)):
            return "签名错误"
        told = form.get("timestamp", "")
        if not told.isdigit() or abs(self.floor.clock().timestamp() - int(told)) > _TOLERANCE:
            return "timestamp 过期"
        return "sign 重复使用" if path.endswith(_CHANGING) and self.floor.is_copy(form["sign"]) else ""

    def _answer(self, path: str, biz: Any) -> Answered:
        if path.endswith(_UPLOAD):
            return _done({"datas": [self._upload(order) for order in biz]})
        if path.endswith("orders/single/query"):
            found = [effect for number in biz["so_ids"] if (effect := self.floor.find(number))]
            return _done({"orders": [self._order(effect) for effect in found], "has_next": False})
        if path.endswith(_CANCEL):
            return _done({"datas": [self._cancel(int(key)) for key in biz["o_ids"]]})
        if path.endswith("logistic/query"):
            return self._shipped(biz)
        return _failed(_FIELD, "不支持的接口")

    def _upload(self, order: Mapping[str, Any]) -> dict[str, Any]:
        number = str(order.get("so_id") or "")
        if order.get("shop_status") == "TRADE_CLOSED":
            said = self.floor.stop(number)
            return _one(number, None, {"absent": "订单不存在", "too late": "订单已发货，不能取消"}.get(said, ""))
        known = self.floor.ledger.find(number) if number else None
        problem = "订单已取消" if known and known.state in {STOPPED, STOPPING} else self._wrong(order)
        if problem:
            self.floor.refuse(number)
            return _one(number, None, problem)
        items = [[item["sku_id"], int(item["qty"]), item["outer_oi_id"]] for item in order["items"]]
        effect, _ = self.floor.take(number, order.get("outer_so_id") or number, PROTOCOL, items)
        return _one(number, effect.id, "")

    def _wrong(self, order: Mapping[str, Any]) -> str:  # noqa: PLR0911 - one arm a fault
        if order.get("shop_id") != self.shop_id:
            return "店铺不存在"
        if missing := [name for name in _NEEDED if not order.get(name)]:
            return f"缺少 {'、'.join(missing)}"
        if not order.get("receiver_mobile") and not order.get("oaid"):
            return "缺少收货人手机"
        if not order.get("items") or any(not item.get("sku_id") for item in order["items"]):
            return "缺少明细或商品编码"
        due = sum(fen(item["amount"]) for item in order["items"]) + fen(order["freight"])
        if due != fen(order["pay_amount"]):
            return "pay_amount 不平"
        paid = order.get("pay")
        if not order.get("is_cod") and (paid is None or fen(paid["amount"]) != due):
            return "支付金额与应付金额不一致"
        return ""

    def _cancel(self, key: int) -> dict[str, Any]:
        effect = self.floor.ledger.by_id(key)
        said = self.floor.stop(effect.number) if effect else "absent"
        words = {"absent": "订单不存在", "too late": "订单已打单拣货，无法取消"}.get(said, "")
        return _one(effect.number if effect else "", key, words)

    def _order(self, effect: Effect) -> dict[str, Any]:
        status = {SHIPPED: "Sent", STOPPED: "Cancelled"}.get(effect.state, "Delivering")
        return {"o_id": effect.id, "so_id": effect.number, "shop_id": self.shop_id, "status": status}

    def _shipped(self, biz: Mapping[str, Any]) -> Answered:
        found = self.floor.shipped(PROTOCOL, _read(biz["modified_begin"]), _read(biz["modified_end"]))
        size, page = int(biz["page_size"]), int(biz["page_index"])
        shown = found[(page - 1) * size : page * size]
        for parcel in shown:
            self.floor.acknowledge(parcel.sync_id)  # it waits for no word; the ledger counts what was read
        return _done({"orders": [self._parcel(parcel) for parcel in shown], "has_next": len(found) > page * size})

    def _parcel(self, parcel: Parcel) -> dict[str, Any]:
        code, quantity, line = parcel.line
        return {
            "o_id": parcel.effect.id,
            "so_id": parcel.effect.number,
            "shop_id": self.shop_id,
            "l_id": parcel.tracking,
            "lc_id": "SF",
            "logistics_company": "顺丰速运",
            "items": [{"sku_id": code, "qty": quantity, "outer_oi_id": line}],
        }


def _read(text: str) -> datetime:
    """Read a moment; raises ``ValueError``."""
    if (found := instant(text)) is None:
        raise ValueError(text)
    return found


def _one(number: str, key: int | None, problem: str) -> dict[str, Any]:
    return {"so_id": number, "o_id": key, "issuccess": not problem, "msg": problem}


def _done(data: object) -> Answered:
    return Answered(json.dumps({"code": 0, "msg": "执行成功", "data": data}, ensure_ascii=False).encode())


def _failed(code: int, message: str) -> Answered:
    return Answered(json.dumps({"code": code, "msg": message}, ensure_ascii=False).encode())
