"""Why an order got its verdict: for each rule the deciding leaves with the values seen, and the way to its tier."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

from qingdan.core.fields import FIELDS, Pii, Type
from qingdan.core.masking import mask
from qingdan.core.message import Language
from qingdan.core.policy.ast import (
    Builtin,
    Compare,
    Expr,
    FieldRef,
    IsEmpty,
    Leaf,
    Literal,
    Scalar,
    leaf_fields,
    leaves,
)
from qingdan.core.policy.evaluate import Evaluator, Ternary
from qingdan.core.policy.model import Kind, Rule
from qingdan.core.policy.render import duration_text, money_text, quoted, render, render_scalar, value_name
from qingdan.core.policy.review import SHOP_ZONE, Compiled, Decision, review_one
from qingdan.core.policy.snooze import SNOOZABLE, SNOOZED
from qingdan.core.shipping import ShipDefaults

_RESULTS: Final[dict[Ternary, str]] = {True: "true", False: "false", None: "unknown"}
_EMPTY: Final = {"zh": "空", "en": "empty"}
_YES_NO: Final = {("zh", True): "是", ("zh", False): "否", ("en", True): "yes", ("en", False): "no"}
_SHOWN: Final = 80


@dataclass(frozen=True, slots=True)
class LeafFact:
    """One deciding condition: ``leaf`` is its stable id, ``actual`` the value seen, masked where personal."""

    leaf: str
    text: str
    actual: str
    result: str


@dataclass(frozen=True, slots=True)
class RuleFact:
    """One rule's result (``true``, ``false`` or ``unknown``) and the least that decides it.

    A ``snoozed`` rule does not count for this order: its result is what it is taken for, ``because`` says what its
    condition came to.
    """

    id: str
    kind: str
    title: str
    result: str
    because: tuple[LeafFact, ...]
    until: str | None = None
    snoozed: bool = False


@dataclass(frozen=True, slots=True)
class Explanation:
    """All that can be said about one decision."""

    policy: str
    policy_hash: str
    as_of: datetime
    decision: Decision
    rules: tuple[RuleFact, ...]
    tier: str | None
    not_hit: tuple[RuleFact, ...]
    missing_fields: tuple[str, ...]

    def to_dict(self) -> dict[str, object]:
        """JSON form: times are ISO 8601."""
        decision = {
            name: value.isoformat() if isinstance(value, datetime) else value
            for name, value in asdict(self.decision).items()
        }
        return {
            "policy": self.policy,
            "policy_hash": self.policy_hash,
            "as_of": self.as_of.isoformat(),
            "decision": decision,
            "rules": [asdict(rule) for rule in self.rules],
            "tier": self.tier,
            "not_hit": [asdict(rule) for rule in self.not_hit],
            "missing_fields": list(self.missing_fields),
        }


def explain(
    compiled: Compiled,
    order: Mapping[str, object],
    as_of: datetime,
    language: Language = "zh",
    *,
    zone: str = SHOP_ZONE,
    shipping: ShipDefaults | None = None,
) -> Explanation:
    """Explain the decision on one order. Raises ValueError for a naive ``as_of``."""
    decision = review_one(compiled, order, as_of, zone=zone, shipping=shipping)
    teller = _Teller(compiled, order, as_of.astimezone(UTC), language, zone, decision)
    rules = [teller.rule(rule) for rule in compiled.policy.rules]
    tiers = [fact for fact in rules if fact.kind == Kind.TIER.value]
    above: list[RuleFact] = []
    for fact in tiers:
        if decision.tier is None or fact.id == decision.tier:
            break
        above.append(fact)
    return Explanation(
        policy=compiled.policy.id,
        policy_hash=compiled.policy.hash,
        as_of=as_of,
        decision=decision,
        rules=tuple(rules),
        tier=decision.tier,
        not_hit=tuple(above),
        missing_fields=tuple(teller.missing),
    )


class _Teller:
    def __init__(  # noqa: PLR0917 - one call, one purpose
        self,
        compiled: Compiled,
        order: Mapping[str, object],
        as_of: datetime,
        language: Language,
        zone: str,
        decision: Decision,
    ) -> None:
        self._order = order
        self._language: Language = language
        self._zone = ZoneInfo(zone)
        self._evaluator = Evaluator(compiled.policy.words, order, as_of, _builtins(compiled, decision))
        self._snoozed = frozenset(str(order.get(SNOOZED) or "").split(";"))
        self.missing: dict[str, None] = {}

    def rule(self, rule: Rule) -> RuleFact:
        """Result of one rule; missing fields that leave it unknown are noted."""
        value, because = self._evaluator.decide(rule.ast)
        snoozed = rule.kind in SNOOZABLE and rule.id in self._snoozed
        ids: dict[int, str] = {id(leaf): f"{rule.id}.{i}" for i, leaf in enumerate(leaves(rule.ast), start=1)}
        if value is None and not snoozed:
            self.missing.update(
                dict.fromkeys(f for leaf in because for f in leaf_fields(leaf) if self._order.get(f) is None)
            )
        until = rule.until if isinstance(rule.until, str) or rule.until is None else self._text(rule.until)
        facts = tuple(self._fact(leaf, ids[id(leaf)]) for leaf in because)
        taken: Ternary = rule.kind is Kind.CHECK if snoozed else value
        title = rule.title.text(self._language)
        return RuleFact(rule.id, rule.kind.value, title, _RESULTS[taken], facts, until, snoozed)

    def _text(self, expr: Expr) -> str:
        return render(expr, self._language, signs=True)

    def _fact(self, leaf: Leaf, leaf_id: str) -> LeafFact:
        return LeafFact(leaf_id, self._text(leaf), self._actual(leaf), _RESULTS[self._evaluator.leaf(leaf)])

    def _actual(self, leaf: Leaf) -> str:
        if isinstance(leaf, Compare):
            sides = [side for side in (leaf.left, leaf.right) if not isinstance(side, Literal)]
            if len(sides) == 1:
                return self._value(sides[0])
            mark = "：" if self._language == "zh" else ": "
            return "; ".join(f"{render_scalar(s, self._language)}{mark}{self._value(s)}" for s in sides)
        names = leaf_fields(leaf)
        if not names:
            return _YES_NO[self._language, bool(self._evaluator.leaf(leaf))]
        return self._value(FieldRef(names[0], FIELDS[names[0]].type), shown=isinstance(leaf, IsEmpty))

    def _value(self, scalar: Scalar, *, shown: bool = False) -> str:  # noqa: PLR0911 - one arm a kind of node
        value = self._order.get(scalar.id) if isinstance(scalar, FieldRef) else self._evaluator.scalar(scalar)
        if value is None or (shown and value in ("", [], ())):
            return _EMPTY[self._language]
        field = FIELDS[scalar.id] if isinstance(scalar, FieldRef) else None
        match scalar.type:
            case Type.MONEY:
                return money_text(int(str(value)), self._language, exact=True)
            case Type.BOOL:
                return _YES_NO[self._language, bool(value)]
            case Type.TIME if isinstance(value, datetime):
                return value.astimezone(self._zone).strftime("%Y-%m-%d %H:%M:%S")
            case Type.DURATION:
                return duration_text(round(value.total_seconds()) * 1_000_000, self._language)  # type: ignore[attr-defined]
            case Type.ENUM if field is not None and value in field.value_ids:
                return value_name(field, str(value), self._language)
            case Type.ENUM_LIST if field is not None and isinstance(value, (list, tuple)):
                return ", ".join(value_name(field, str(v), self._language) for v in value)
        text = str(value)
        if field is not None and field.type is Type.TEXT:
            text = mask(text, field.pii) if field.pii is not Pii.NONE else text
            return quoted(text if len(text) <= _SHOWN else text[:_SHOWN] + "…")
        return text


def _builtins(compiled: Compiled, decision: Decision) -> dict[str, bool]:
    true, unknown = decision.true_mask, decision.unknown_mask

    def bits(*kinds: Kind) -> int:
        return sum(1 << bit for kind in kinds for bit, _ in compiled.policy.of(kind))

    checks = bits(Kind.CHECK)
    return {
        Builtin.ANY_EXCEPTION.value: bool(true & bits(Kind.EXCEPTION)),
        Builtin.ANY_HOLD.value: bool(true & bits(Kind.HOLD) or unknown & bits(Kind.HOLD, Kind.SCOPE)),
        Builtin.ALL_CHECKS_PASSED.value: true & checks == checks,
    }
