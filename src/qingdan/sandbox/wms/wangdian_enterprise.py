"""The 旺店通 企业版 side of the simulated warehouse."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qsl

from qingdan.fulfilment.wms import signing
from qingdan.sandbox.wms.ledger import SHIPPED, STOPPED, STOPPING, Effect
from qingdan.sandbox.wms.speaking import Answered, Asked, Floor, fen

PROTOCOL: Final = "wangdian_enterprise"
_TOLERANCE: Final = 300
_CHANGING: Final = frozenset({"trade_push.php", "logistics_sync_ack.php"})
_SIGN, _FIELD, _BUSINESS = 1009, 1030, 2830
_NEEDED: Final = ("tid", "receiver_name", "receiver_province", "receiver_address", "receiver_mobile", "trade_time")


@dataclass(frozen=True, slots=True)
class WangdianEnterprise:
    """Answers calls."""

    floor: Floor
    sid: str = "sandbox"
    appkey: str = "sandbox"
    secret: str = "sandbox-secret"  # noqa: S105 - the simulation's own, known to all
    shop_no: str = "sandbox"
    prefix: str = "/wangdian_enterprise/"

    def answer(self, asked: Asked) -> Answered:
        """Answer one call."""
        method = asked.path.rpartition("/")[2]
        try:
            form = dict(parse_qsl(asked.body.decode(), keep_blank_values=True))
        except ValueError:
            form = {}
        if refusal := self._refuse(method, form):
            self.floor.unauthentic(method)
            return _failed(_SIGN, refusal)
        try:
            answer = self._answer(method, form)
        except (ValueError, TypeError, KeyError, AttributeError, IndexError) as error:
            return _failed(_FIELD, f"参数值无效 {type(error).__name__}")
        if method in _CHANGING:
            self.floor.changed(form["sign"])
        return answer

    def _refuse(self, method: str, form: Mapping[str, str]) -> str:
        if form.get("sid") != self.sid or form.get("appkey") != self.appkey:
            return "appkey 不存在"
        if not signing.same(form.get("sign", ""), signing.wangdian_enterprise(form, self.secret)):
            return "签名错误"
        told = form.get("timestamp", "")
        if not told.isdigit() or abs(self.floor.clock().timestamp() - int(told)) > _TOLERANCE:
            return "timestamp 超过允许的误差"
        return "sign 重复使用" if method in _CHANGING and self.floor.is_copy(form["sign"]) else ""

    def _answer(self, method: str, form: Mapping[str, str]) -> Answered:
        match method:
            case "trade_push.php":
                return self._push(form["shop_no"], json.loads(form["trade_list"]))
            case "trade_query.php":
                return self._query(form.get("src_tid", ""))
            case "logistics_sync_query.php":
                return self._list(int(form["limit"]))
            case "logistics_sync_ack.php":
                return self._acknowledge(json.loads(form["logistics_list"]))
        return _failed(_BUSINESS, "不支持的接口")

    def _push(self, shop_no: str, trades: list[dict[str, Any]]) -> Answered:
        if shop_no != self.shop_no:
            return _failed(_BUSINESS, "店铺编号不存在")
        if problem := next((said for trade in trades if (said := self._problem(trade))), ""):
            return _failed(_BUSINESS, problem)  # strict: one fault, and nothing of the list is taken
        new = changed = 0
        for trade in trades:
            if trade["trade_status"] in {80, 90}:
                if said := self.floor.stop(trade["tid"]):
                    return _failed(_BUSINESS, "原始单不存在" if said == "absent" else "订单已打单拣货，不能修改")
                changed += 1
                continue
            items = [[line["spec_no"], int(line["num"]), line["oid"]] for line in trade["order_list"]]
            number = trade["tid"]
            _, fresh = self.floor.take(number, "-".join(number.split("-")[:1]), PROTOCOL, items)
            new, changed = new + fresh, changed + (not fresh)
        return _done({"new_count": new, "chg_count": changed})

    def _problem(self, trade: Mapping[str, Any]) -> str:
        if trade["trade_status"] in {80, 90}:
            return ""
        known = self.floor.ledger.find(trade["tid"])
        said = "原始单已取消" if known and known.state in {STOPPED, STOPPING} else _wrong(trade)
        if said:
            self.floor.refuse(trade["tid"])
        return said

    def _query(self, number: str) -> Answered:
        found = self.floor.find(number) if number else None
        trades = [{"trade_no": f"JY{found.id}", "src_tids": number, "trade_status": _status(found)}] if found else []
        return _done({"total_count": len(trades), "trades": trades})

    def _list(self, most: int) -> Answered:
        told = [
            {
                "rec_id": parcel.sync_id,
                "tid": parcel.effect.number,
                "logistics_no": parcel.tracking,
                "logistics_type": 8,
                "logistics_name": "顺丰速运",
                "is_part_sync": str(int(parcel.parts > 1)),
                "oids": parcel.line[2] if parcel.parts > 1 else "",
                "sync_status": 0,
            }
            for parcel in self.floor.to_tell(PROTOCOL, most)
        ]
        return _done({"total_count": len(told), "trades": told})

    def _acknowledge(self, said: list[dict[str, Any]]) -> Answered:
        wrong = [
            {"rec_id": row["rec_id"], "error": "同步表不存在"}
            for row in said
            if not self.floor.acknowledge(int(row["rec_id"]))
        ]
        return _done({"errors": wrong})


def _status(effect: Effect) -> int:
    return {SHIPPED: 95, STOPPED: 5}.get(effect.state, 55)


def _wrong(trade: Mapping[str, Any]) -> str:
    """Say what is wrong with a trade; what is paid or to be collected must be what the lines say."""
    if missing := [name for name in _NEEDED if not trade.get(name)]:
        return f"缺少 {'、'.join(missing)}"
    lines = trade["order_list"]
    if not lines or any(not line.get("spec_no") for line in lines):
        return "缺少明细或商家编码"
    due = fen(trade["post_amount"]) + fen(trade["other_amount"])
    for line in lines:
        due += fen(line["price"]) * int(line["num"]) + fen(line["adjust_amount"])
        due -= fen(line["discount"]) + fen(line["share_discount"])
    if trade["delivery_term"] == 2:
        return (
            "" if fen(trade["cod_amount"]) == due + fen(trade["ext_cod_fee"]) - fen(trade["paid"]) else "代收金额不平"
        )
    return "" if fen(trade["paid"]) == due else "已付金额不平"


def _done(more: Mapping[str, object]) -> Answered:
    return Answered(json.dumps({"code": 0, "message": "", **more}, ensure_ascii=False).encode())


def _failed(code: int, message: str) -> Answered:
    return Answered(json.dumps({"code": code, "message": message}, ensure_ascii=False).encode())
