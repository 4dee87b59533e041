"""Save-time checks of decision tables: shadowed rows, overlaps, gaps. Each finding shows an order the engine judged."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from qingdan.core.fields import FIELDS, Type
from qingdan.core.message import Language, Message
from qingdan.core.policy.ast import And, Builtin, Expr, Not, Truth, expr_fields, flatten
from qingdan.core.policy.closure import closure
from qingdan.core.policy.messages import message
from qingdan.core.policy.model import Hit, Kind, Policy, Rule, Table
from qingdan.core.policy.render import field_name, money_text, quoted, value_name
from qingdan.core.policy.space import MOMENT, Space

_TRIES: Final = 40
_SEARCHES: Final = 200
"""Searches for examples in one table; a hostile table ends there."""

Cases: TypeAlias = npt.NDArray[np.bool_]
Hits = Callable[[Mapping[str, object]], int]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong with row ``row`` (from 0) of a table; ``order`` is its example."""

    row: int
    said: Message
    order: Mapping[str, object]
    warning: bool = False


def check_tiers(policy: Policy) -> list[Finding]:
    """Findings of the tier table: rows that are never reached."""
    rows = policy.of(Kind.TIER)
    masks = closure(policy.rules, policy.words)
    first = rows[0][0] if rows else 0
    checker = _Checker(policy, [(r.id, r.ast) for _, r in rows], lambda order: masks(order, MOMENT)[0] >> first)
    return list(checker.shadowed())


def check_table(policy: Policy, table: Table) -> list[Finding]:
    """Findings of one further table, by its hit policy."""
    masks = closure([Rule(row.id, Kind.TAG, row.title, row.ast) for row in table.rows], policy.words)
    checker = _Checker(policy, [(row.id, row.ast) for row in table.rows], lambda order: masks(order, MOMENT)[0])
    if table.hit is Hit.FIRST:
        return list(checker.shadowed())
    if table.hit is Hit.UNIQUE:
        return [*checker.overlaps(), *checker.gaps()]
    return []


class _Checker:
    def __init__(self, policy: Policy, rows: Sequence[tuple[str, Expr]], hits: Hits) -> None:
        self._policy = policy
        self._rows = rows
        self._hits = hits
        self._searches = 0
        self._space = Space([expr for _, expr in rows], policy.words)

    def shadowed(self) -> Iterator[Finding]:
        """Rows that no order reaches first. Proven over all cases, shown by an order that an earlier row takes.

        The row ``else`` may be unreachable: it is there for the rows that are written tomorrow.
        """
        for row, (row_id, expr) in enumerate(self._rows):
            if row == 0 or expr == Truth(value=True):
                continue
            for space, above in self._views(row):
                true = space.true(expr)
                taken = np.logical_or.reduce([np.broadcast_to(space.true(self._rows[i][1]), true.shape) for i in above])
                if not space.exhaustive or (true & ~taken).any():
                    continue
                order = self._witness(space, true, _both(1 << row, sum(1 << i for i in above)))
                if order is not None:
                    yield Finding(row, message("shadowed", row=row + 1, id=row_id, **self._example(order)), order)
                    break

    def _views(self, row: int) -> Iterator[tuple[Space, tuple[int, ...]]]:
        """Spaces in which ``row`` is compared with rows above it: all at once, or one by one when that is too much."""
        if self._space.fits:
            yield self._space, tuple(range(row))
            return
        for above in range(row):
            self._searches += 1
            space = Space([self._rows[above][1], self._rows[row][1]], self._policy.words)
            if space.fits and self._searches <= _SEARCHES:
                yield space, (above,)

    def overlaps(self) -> Iterator[Finding]:
        """Pairs of rows that one order hits."""
        for second in range(1, len(self._rows)):
            for space, above in self._views(second):
                for first in above:
                    cases = space.true(self._rows[first][1]) & space.true(self._rows[second][1])
                    order = self._witness(space, cases, _both(1 << first, 1 << second))
                    if order is not None:
                        ids = {"first": self._rows[first][0], "second": self._rows[second][0]}
                        yield Finding(second, message("overlap", **ids, **self._example(order)), order)

    def gaps(self) -> Iterator[Finding]:
        """An order that hits no row."""
        if not self._space.fits or not self._rows:
            return
        none = ~np.logical_or.reduce([self._space.true(expr) for _, expr in self._rows])
        order = self._witness(self._space, none, lambda hits: hits == 0)
        if order is not None:
            yield Finding(0, message("gap", **self._example(order)), order, warning=True)

    def _witness(self, space: Space, cases: Cases, confirmed: Callable[[int], bool]) -> dict[str, object] | None:
        """Find an order of ``cases`` that the engine itself confirms; a bounded number of searches in all."""
        cases = cases & space.concrete()
        if self._searches > _SEARCHES or not cases.any():
            return None
        self._searches += 1
        for order, asked in space.orders(cases, _TRIES):
            whole = {**_surroundings(self._policy, asked), **order} if asked else order
            if confirmed(self._hits(whole)):
                return whole
        return None

    def _example(self, order: Mapping[str, object]) -> dict[str, object]:
        own = {name for _, expr in self._rows for name in expr_fields(expr)}
        shown = {k: v for k, v in order.items() if k in own} or dict(order)
        return {"example": example_text(shown, "zh"), "example_en": example_text(shown, "en")}


def _both(one: int, any_of: int) -> Callable[[int], bool]:
    return lambda hits: bool(hits & one and hits & any_of)


def _surroundings(policy: Policy, asked: Mapping[str, bool]) -> dict[str, object]:
    """Fields that make the built-ins answer as asked, as far as they are easily found."""
    wanted: list[Expr] = [rule.ast for _, rule in policy.of(Kind.SCOPE)]
    exceptions = [rule.ast for _, rule in policy.of(Kind.EXCEPTION)]
    holds = [rule.ast for _, rule in policy.of(Kind.HOLD)]
    if asked.get(Builtin.ANY_EXCEPTION):
        wanted += exceptions[:1]
    if Builtin.ANY_HOLD in asked:
        wanted += holds[:1] if asked[Builtin.ANY_HOLD] else [Not(hold) for hold in holds]
    if asked.get(Builtin.ALL_CHECKS_PASSED):
        wanted += [rule.ast for _, rule in policy.of(Kind.CHECK)]
    return _solution(flatten(And, wanted or [Truth(value=True)]), policy.words)


def _solution(expr: Expr, words: Mapping[str, tuple[str, ...]]) -> dict[str, object]:
    """Fields of an order for which ``expr`` is TRUE; nothing when none is found."""
    space = Space([expr], words)
    if not space.fits:
        return {}
    return next((order for order, _ in space.orders(space.true(expr) & space.concrete(), 1)), {})


def example_text(order: Mapping[str, object], language: Language) -> str:
    """Fields and values of an example order in one line."""
    parts = [f"{field_name(FIELDS[name], language)} = {_shown(name, value, language)}" for name, value in order.items()]
    return ("，" if language == "zh" else ", ").join(parts) or ("任何订单" if language == "zh" else "any order")


def _shown(name: str, value: object, language: Language) -> str:  # noqa: PLR0911 - one arm a kind of node
    zh = language == "zh"
    field = FIELDS[name]
    if value is None:
        return "空" if zh else "empty"
    match field.type, value:
        case Type.MONEY, int():
            return money_text(value, language)
        case Type.BOOL, bool():
            return ("是" if value else "否") if zh else str(value).lower()
        case Type.ENUM, str():
            return value_name(field, value, language)
        case Type.ENUM_LIST, list():
            return "{" + ", ".join(value_name(field, str(v), language) for v in value) + "}"
        case Type.TEXT, str():
            return quoted(value)
        case Type.TIME, datetime():
            return value.isoformat()
    return str(value)
