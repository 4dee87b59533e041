"""A policy as people read it: every rule in words, both languages."""

from datetime import timedelta
from typing import Any, Final

from qingdan.core.message import Words
from qingdan.core.policy import Kind, Policy, render
from qingdan.core.policy.ast import Expr, Truth
from qingdan.core.policy.model import FIELD_MISSING, FIELD_MISSING_TITLE, SAME_DAY, Deadline
from qingdan.core.policy.render import duration_text
from qingdan.core.policy.visual import LENGTH
from qingdan.policies import queries

OWNER_TITLES: Final[dict[str, Words]] = {
    "supervisor": Words("主管", "Supervisor"),
    "front_line": Words("一线轮值", "Front line"),
    "risk": Words("风控专员", "Risk specialist"),
    "finance": Words("财务", "Finance"),
    "warehouse": Words("仓库", "Warehouse"),
}
BUILTINS: Final[dict[str, Words]] = {
    "always": Words("总是", "Always"),
    "never": Words("从不", "Never"),
    "any_exception": Words("任一异常", "Any exception"),
    "any_hold": Words("任一挂起", "Any hold"),
    "all_checks_passed": Words("检查项全部通过", "All checks passed"),
}
_OPERATORS: Final[dict[str, Words]] = {
    "=": Words("等于", "is"),
    "!=": Words("不等于", "is not"),
    "<": Words("小于", "below"),
    "<=": Words("不超过", "at most"),
    ">": Words("大于", "above"),
    ">=": Words("至少", "at least"),
    "in": Words("是其中之一", "is one of"),
    "not_in": Words("不是其中任何一个", "is none of"),
    "contains": Words("含任意一个", "contains any of"),
    "contains_all": Words("全部含有", "contains all of"),
    "starts": Words("开头是", "starts with"),
    "ends": Words("结尾是", "ends with"),
    "matches": Words("符合格式", "matches the pattern"),
    "empty": Words("为空", "is empty"),
    "not_empty": Words("不为空", "is not empty"),
}
_LENGTH: Final = Words("字数{op}", "length {op}")
_SHOWN: Final = (Kind.CHECK, Kind.EXCEPTION, Kind.HOLD, Kind.TAG)
_REASONS: Final = (Kind.CHECK, Kind.EXCEPTION, Kind.HOLD)
_SAME_DAY: Final = Words("当天", "the same day")
_ALWAYS: Final = Words("其余订单", "every other order")


def live_policy(merchant_id: int) -> Policy:
    """Return the merchant's live policy; the starter policy before the first is published."""
    version = queries.live(merchant_id)
    return queries.compiled(version.source if version else queries.starter_text()).policy


def operator(op: str) -> Words:
    """Return an operator of the visual form as a menu shows it."""
    if op in _OPERATORS:
        return _OPERATORS[op]
    compared = {"op": _OPERATORS[op.removeprefix(LENGTH)]}
    return Words(_LENGTH.text("zh", compared), _LENGTH.text("en", compared))


def rules(policy: Policy) -> list[dict[str, Any]]:
    """Return the checks, exceptions, holds and tags, each with its condition in words."""
    return [
        {"id": rule.id, "kind": rule.kind.value, "title": rule.title.both(), "text": _condition(rule.ast)}
        for rule in policy.rules
        if rule.kind in _SHOWN
    ]


def scope(policy: Policy) -> dict[str, str] | None:
    """Return which orders the policy decides, in words; None when it decides all."""
    found = policy.of(Kind.SCOPE)
    return _condition(found[0][1].ast) if found else None


def tiers(policy: Policy) -> list[dict[str, Any]]:
    """Return the tier table, row by row."""
    conditions = {rule.id: rule.ast for _, rule in policy.of(Kind.TIER)}
    return [
        {
            "id": tier.id,
            "title": tier.title.both(),
            "text": _condition(conditions[tier.id]),
            "owner": tier.owner,
            "respond": _deadline(tier.respond),
            "resolve": _deadline(tier.resolve),
        }
        for tier in policy.tiers
    ]


def reasons(policy: Policy) -> list[dict[str, Any]]:
    """Return what may stand among an order's reasons, with labels."""
    listed = [
        {"id": rule.id, "kind": rule.kind.value, **rule.title.both()} for rule in policy.rules if rule.kind in _REASONS
    ]
    return [*listed, {"id": FIELD_MISSING, "kind": Kind.HOLD.value, **FIELD_MISSING_TITLE.both()}]


def _condition(ast: Expr) -> dict[str, str]:
    if ast == Truth(value=True):
        return _ALWAYS.both()
    return {"zh": render(ast, "zh", signs=True), "en": render(ast, "en", signs=True)}


def _deadline(limit: Deadline) -> dict[str, str] | None:
    if limit is None:
        return None
    if isinstance(limit, timedelta):
        micros = round(limit.total_seconds()) * 1_000_000
        return {"zh": duration_text(micros, "zh"), "en": duration_text(micros, "en")}
    return _SAME_DAY.both() if limit == SAME_DAY else None
