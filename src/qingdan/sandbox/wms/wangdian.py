"""The 旺店通 旗舰版 side of the simulated warehouse."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from qingdan.fulfilment.wms import signing
from qingdan.sandbox.wms.ledger import SHIPPED, STOPPED, STOPPING, Effect
from qingdan.sandbox.wms.speaking import Answered, Asked, Floor, fen

PROTOCOL: Final = "wangdian"
_TOLERANCE: Final = 120
_AUTH, _FIELD, _CLOCK, _BUSINESS = 1, 2, 7, 100
_CHANGING: Final = frozenset({"sales.RawTrade.pushSelf2", "sales.LogisticsSync.update"})
_NEEDED: Final = ("tid", "receiver_name", "receiver_area", "receiver_address", "receiver_mobile", "trade_time")


@dataclass(frozen=True, slots=True)
class Wangdian:
    """Answers calls; ``secret`` is without the salt."""

    floor: Floor
    sid: str = "sandbox"
    key: str = "sandbox"
    secret: str = "sandbox-secret"  # noqa: S105 - the simulation's own, known to all
    salt: str = "salt"
    shop_no: str = "sandbox"
    prefix: str = "/wangdian/"

    def answer(self, asked: Asked) -> Answered:
        """Answer one call."""
        method = asked.params.get("method", "")
        if refusal := self._refuse(asked):
            self.floor.unauthentic(method)
            return _failed(*refusal)
        try:
            arguments = json.loads(asked.body)
            answer = self._answer(method, arguments)
        except (ValueError, TypeError, KeyError, AttributeError, IndexError) as error:
            return _failed(_FIELD, f"参数错误 {type(error).__name__}")
        if method in _CHANGING:
            self.floor.changed(asked.params["sign"])
        return answer

    def _refuse(self, asked: Asked) -> tuple[int, str] | None:
        params = asked.params
        if params.get("sid") != self.sid:
            return _AUTH, "sid is not exists"
        known = params.get("key") == self.key and params.get("salt") == self.salt
        try:
            computed = signing.wangdian(params, asked.body, self.secret)
        except UnicodeDecodeError:
            return _AUTH, "app auth fail"
        if not known or not signing.same(params.get("sign", ""), computed):
            return _AUTH, "app auth fail"
        told = params.get("timestamp", "")
        now = self.floor.clock().timestamp() - signing.WDT_EPOCH
        if not told.isdigit() or abs(now - int(told)) > _TOLERANCE:
            return _CLOCK, "timestamp 超出允许的误差"
        if params.get("method") in _CHANGING and self.floor.is_copy(params["sign"]):
            return _AUTH, "sign 重复使用"
        return None

    def _answer(self, method: str, arguments: Any) -> Answered:
        match method:
            case "sales.RawTrade.pushSelf2":
                return self._push(*arguments[:3])
            case "sales.RawTrade.search":
                return self._search(arguments[0]["tid"])
            case "sales.LogisticsSync.getSyncListExt":
                return self._list(arguments[1]["page_size"])
            case "sales.LogisticsSync.update":
                return self._update(arguments[0])
            case "setting.Shop.queryShop":
                return _done({"details": [{"shop_no": self.shop_no}]})
        return _failed(_BUSINESS, "不支持的接口")

    def _push(self, shop_no: str, trades: list[dict[str, Any]], orders: list[dict[str, Any]]) -> Answered:
        if shop_no != self.shop_no:
            return _failed(_BUSINESS, "店铺不存在")
        new = changed = 0
        errors: list[dict[str, str]] = []
        for trade in trades:
            lines = [order for order in orders if order["tid"] == trade["tid"]]
            problem, fresh = self._one(trade, lines)
            if problem:
                errors.append({"no": trade["tid"], "error": problem})
            else:
                new, changed = new + fresh, changed + (not fresh)
        return _done({"new_count": new, "chg_count": changed, "error_list": errors})

    def _one(self, trade: Mapping[str, Any], lines: list[dict[str, Any]]) -> tuple[str, bool]:
        number = trade["tid"]
        if trade["trade_status"] in {80, 90}:
            return {"": "", "absent": "原始单不存在", "too late": "订单已打单拣货，不能修改"}[
                self.floor.stop(number)
            ], False
        problem = _wrong(trade, lines)
        known = self.floor.ledger.find(number)
        if not problem and known is not None and known.state in {STOPPED, STOPPING}:
            problem = "原始单已取消"
        if problem:
            self.floor.refuse(number)
            return problem, False
        items = [[line["spec_no"], int(line["num"]), line["oid"]] for line in lines]
        _, fresh = self.floor.take(number, trade.get("cust_data") or number, PROTOCOL, items)
        return "", fresh

    def _search(self, number: str) -> Answered:
        found = self.floor.find(number)
        orders = [{"rec_id": found.id, "tid": number, "process_status": _status(found)}] if found else []
        return _done({"order": orders, "total_count": len(orders)})

    def _list(self, most: int) -> Answered:
        told = [
            {
                "sync_id": parcel.sync_id,
                "tid": parcel.effect.number,
                "logistics_no": parcel.tracking,
                "logistics_code": "SF",
                "logistics_name": "顺丰速运",
                "is_part_sync": int(parcel.parts > 1),
                "oids": parcel.line[2] if parcel.parts > 1 else "",
            }
            for parcel in self.floor.to_tell(PROTOCOL, most)
        ]
        return _done(told)

    def _update(self, said: list[dict[str, Any]]) -> Answered:
        wrong = [f"{row['sync_id']} 不存在" for row in said if not self.floor.acknowledge(int(row["sync_id"]))]
        return _done(wrong)


def _status(effect: Effect) -> int:
    return {SHIPPED: 40, STOPPED: 70}.get(effect.state, 20)


def _wrong(trade: Mapping[str, Any], lines: list[dict[str, Any]]) -> str:
    """Say what is wrong with a trade; the identities of the amounts must hold to the cent."""
    if missing := [name for name in _NEEDED if not trade.get(name)]:
        return f"缺少 {'、'.join(missing)}"
    if not lines or any(not line.get("spec_no") for line in lines):
        return "缺少明细或规格编码"
    due = fen(trade["post_amount"]) + fen(trade.get("other_amount"))
    for line in lines:
        total = fen(line["price"]) * int(line["num"]) + fen(line["adjust_amount"]) - fen(line["discount"])
        if total != fen(line["total_amount"]):
            return f"{line['oid']} 的 total_amount 不平"
        due += total - fen(line["share_discount"])
    if due != fen(trade["receivable"]):
        return "receivable 不平"
    collected = fen(trade["cod_amount"]) if trade["delivery_term"] == 2 else fen(trade["paid"])
    return "" if collected == due else "已付或代收金额不平"


def _done(data: object) -> Answered:
    return Answered(json.dumps({"status": 0, "data": data}, ensure_ascii=False).encode())


def _failed(status: int, message: str) -> Answered:
    return Answered(json.dumps({"status": status, "message": message}, ensure_ascii=False).encode())
