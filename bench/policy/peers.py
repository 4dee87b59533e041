"""The benchmark policy in other engines, from the same tree with the guards for null that each needs.

A peer is a function from an order (field id → value, times in microseconds, texts normalised) to its TRUE mask.
"""

import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import duckdb
import polars as pl
import rule_engine
import zen
from cel_expr_python import cel

from qingdan.core.fields import Type
from qingdan.core.policy.ast import (
    OPPOSITE,
    And,
    Arith,
    Compare,
    Expr,
    FieldRef,
    InSet,
    IsEmpty,
    Length,
    Literal,
    Matches,
    Not,
    Op,
    Or,
    Scalar,
    TextMatch,
    Truth,
    expr_fields,
    leaf_fields,
)
from qingdan.core.policy.closure import resolve
from qingdan.core.policy.model import Policy

Peer = Callable[[Mapping[str, Any]], int]

_MICRO: Final = 1_000_000


class Dialect:
    """How an engine writes the leaves; the rest is the two-rail rewrite with a guard before each leaf."""

    both, either, inverse = " and ", " or ", "not "
    equal = "=="
    true = "true"

    def text(self, value: str) -> str:
        return json.dumps(value, ensure_ascii=False)

    def contains(self, field: str, word: str) -> str:
        return f"contains({field}, {self.text(word)})"

    def matches(self, field: str, pattern: str) -> str:
        return f"matches({field}, {self.text(pattern)})"

    def length(self, field: str) -> str:
        return f"len({field})"

    def present(self, field: str) -> str:
        return f"{field} != null"

    def member(self, field: str, values: list[str]) -> str:
        return f"{field} in [{', '.join(values)}]"


class Zen(Dialect):
    """GoRules ZEN expression language. Its ``len`` counts bytes; here a short address also lacks a house number."""


class Cel(Dialect):
    """Common Expression Language."""

    both, either, inverse = " && ", " || ", "!"

    def contains(self, field: str, word: str) -> str:
        return f"{field}.contains({self.text(word)})"

    def matches(self, field: str, pattern: str) -> str:
        return f"{field}.matches({self.text(pattern)})"

    def length(self, field: str) -> str:
        return f"size({field})"


class RuleEngine(Dialect):
    """The rule-engine package."""

    def contains(self, field: str, word: str) -> str:
        return f"{self.text(word)} in {field}"

    def matches(self, field: str, pattern: str) -> str:
        return f"{field} =~~ {self.text(pattern)}"

    def length(self, field: str) -> str:
        return f"{field}.length"


class Sql(Dialect):
    """DuckDB SQL."""

    equal = "="

    def text(self, value: str) -> str:
        return "'" + value.replace("'", "''") + "'"

    def matches(self, field: str, pattern: str) -> str:
        return f"regexp_matches({field}, {self.text(pattern)})"

    def length(self, field: str) -> str:
        return f"length({field})"

    def present(self, field: str) -> str:
        return f"{field} IS NOT NULL"

    def member(self, field: str, values: list[str]) -> str:
        return f"{field} IN ({', '.join(values)})"


class Writer:
    """Writes the certainly-true form of a condition in a dialect."""

    def __init__(self, dialect: Dialect, words: Mapping[str, tuple[str, ...]]) -> None:
        self._d = dialect
        self._words = words

    def true(self, expr: Expr, *, positive: bool = True) -> str:
        match expr:
            case Not(arg):
                return self.true(arg, positive=not positive)
            case And(args) | Or(args):
                joint = self._d.both if isinstance(expr, And) is positive else self._d.either
                return "(" + joint.join(self.true(arg, positive=positive) for arg in args) + ")"
            case IsEmpty(ref, negated):
                present = f"({self._d.present(ref.id)})"
                return present if positive is negated else f"{self._d.inverse}{present}"
            case Truth(value):
                return "(1 = 1)" if isinstance(self._d, Sql) else str(value is positive).lower()
        guards = [self._d.present(name) for name in leaf_fields(expr)]
        return "(" + self._d.both.join([*guards, self._leaf(expr, positive=positive)]) + ")"

    def _leaf(self, leaf: Expr, *, positive: bool) -> str:
        match leaf:
            case Compare(op, left, right):
                sign = (op if positive else OPPOSITE[op]).value
                return f"{self._scalar(left)} {self._d.equal if sign == Op.EQ else sign} {self._scalar(right)}"
            case InSet(ref, values, negated):
                test = self._d.member(ref.id, [self._value(v) for v in values])
                return test if positive is not negated else f"{self._d.inverse}({test})"
            case TextMatch(field=name):
                words = resolve(leaf, self._words)
                test = "(" + self._d.either.join(self._d.contains(name, w) for w in words) + ")"
            case Matches(name, pattern):
                test = f"({self._d.matches(name, pattern)})"
            case _:
                raise TypeError(leaf)
        return test if positive else self._d.inverse + test

    def _value(self, value: object) -> str:
        return self._d.text(value) if isinstance(value, str) else str(value)

    def _scalar(self, scalar: Scalar) -> str:
        match scalar:
            case FieldRef(id=name):
                return name
            case Literal(Type.BOOL, value):
                return self._d.true if value else "false"
            case Literal(value=value):
                return self._value(value)
            case Length(field=name):
                return self._d.length(name)
            case Arith(op, left, right):
                return f"({self._scalar(left)} {op} {self._scalar(right)})"
        raise TypeError(scalar)


def plain(row: Mapping[str, Any]) -> dict[str, Any]:
    """Order as the peers take it: normalised texts under their field ids, times in microseconds."""
    order = {k.removesuffix("__norm"): v for k, v in row.items() if k.endswith("__norm") or f"{k}__norm" not in row}
    return {k: _micros(v) if isinstance(v, datetime) else v for k, v in order.items()}


def _micros(moment: datetime) -> int:
    return round(moment.timestamp()) * _MICRO


def zen_peer(policy: Policy) -> Peer:
    """One expression node with every rule, loaded once and evaluated by key: the fastest documented way."""
    writer = Writer(Zen(), policy.words)
    rules = [{"id": r.id, "key": f"r{i}", "value": writer.true(r.ast)} for i, r in enumerate(policy.rules)]
    graph = {
        "nodes": [
            {"id": "in", "type": "inputNode", "name": "in", "position": {"x": 0, "y": 0}},
            {
                "id": "x",
                "type": "expressionNode",
                "name": "x",
                "position": {"x": 1, "y": 0},
                "content": {"expressions": rules},
            },
            {"id": "out", "type": "outputNode", "name": "out", "position": {"x": 2, "y": 0}},
        ],
        "edges": [
            {"id": "a", "sourceId": "in", "targetId": "x", "type": "edge"},
            {"id": "b", "sourceId": "x", "targetId": "out", "type": "edge"},
        ],
    }
    engine = zen.ZenEngine({"loader": {"type": "static", "content": {"bench": graph}}})
    keys = [f"r{i}" for i in range(len(policy.rules))]

    def mask(order: Mapping[str, Any]) -> int:
        result = engine.evaluate("bench", dict(order))["result"]
        return sum(1 << i for i, key in enumerate(keys) if result[key])

    return mask


def cel_peer(policy: Policy) -> Peer:
    """One program that gives the list of every rule's result."""
    writer = Writer(Cel(), policy.words)
    names = sorted({name for rule in policy.rules for name in expr_fields(rule.ast)})
    env = cel.NewEnv(variables=dict.fromkeys(names, cel.Type.DYN))
    program = env.compile("[" + ", ".join(writer.true(rule.ast) for rule in policy.rules) + "]")

    def mask(order: Mapping[str, Any]) -> int:
        result = program.eval(data={name: order[name] for name in names})
        return sum(1 << i for i, item in enumerate(result.value()) if item.value() is True)

    return mask


def rule_engine_peer(policy: Policy) -> Peer:
    """One compiled rule a rule."""
    writer = Writer(RuleEngine(), policy.words)
    rules = [rule_engine.Rule(writer.true(rule.ast)) for rule in policy.rules]
    return lambda order: sum(1 << i for i, rule in enumerate(rules) if rule.matches(order))


def duckdb_columns(
    policy: Policy, frame: pl.DataFrame, threads: int, folder: Path
) -> tuple[Callable[[], Any], Callable[[], list[int]]]:
    """One SELECT with a Boolean column a rule into a table, over a table of its own; and the count of TRUE a rule."""
    writer = Writer(Sql(), policy.words)
    columns = ", ".join(f'{writer.true(rule.ast)} AS "r{i}"' for i, rule in enumerate(policy.rules))
    counts = ", ".join(f'count(*) FILTER ("r{i}")' for i in range(len(policy.rules)))
    path = folder / "peer.parquet"
    sql_frame(frame).write_parquet(path)
    connection = duckdb.connect(config={"threads": threads})
    connection.execute(f"CREATE TABLE orders AS SELECT * FROM read_parquet('{path}')")  # noqa: S608
    return (
        lambda: connection.execute(f"CREATE OR REPLACE TEMP TABLE masks AS SELECT {columns} FROM orders"),  # noqa: S608
        lambda: [int(n) for n in connection.execute(f"SELECT {counts} FROM masks").fetchall()[0]],  # noqa: S608
    )


def sql_frame(frame: pl.DataFrame) -> pl.DataFrame:
    """Frame as the peers take it."""
    norms = [c for c in frame.columns if c.endswith("__norm")]
    frame = frame.drop(c.removesuffix("__norm") for c in norms).rename({c: c.removesuffix("__norm") for c in norms})
    return frame.with_columns(pl.col("created_at", "paid_at").dt.timestamp("us"))


_EXPEDITE = ("加急", "催发", "急用", "尽快发", "赶紧发", "今天发", "马上发", "优先发")
_INVOICE = ("发票", "开票", "专票", "普票", "抬头", "税号", "增值税", "报销")
_MOVED = ("改地址", "换地址", "地址错", "改收货", "地址写错", "新地址", "改成", "别发")
_HOUSE = re.compile("[0-9]+(?:号|栋|楼|室|弄|单元)")
_PHONE = re.compile(r"^1[3-9][0-9]{9}\Z")
_FAR = frozenset({"西藏", "新疆", "青海", "内蒙古", "甘肃", "宁夏"})
_DAY = int(timedelta(hours=24).total_seconds()) * _MICRO


def hand_written(o: Mapping[str, Any]) -> int:  # noqa: C901, PLR0912 - what a person writes
    """The same rules as a careful Python programmer writes them."""
    mask = 0
    amount, method, returns, province = o["paid_amount"], o["pay_method"], o["returns_30d"], o["province"]
    items, paid, created, address = o["item_count"], o["paid_at"], o["created_at"], o["address"]
    notes = [note for note in (o["buyer_message"], o["seller_memo"]) if note]
    if o["platform_state"] == "waiting":
        mask |= 1
    abroad = province is None or province in {"香港", "澳门", "台湾"}
    if amount is not None and amount <= 50_000 and o["country"] == "CN" and not abroad:
        mask |= 2
    if method in {"wechat", "alipay"} and o["pay_status"] == "paid":
        mask |= 4
    if returns == 0:
        mask |= 8
    if o["receiver_phone"] is not None and _PHONE.search(o["receiver_phone"]):
        mask |= 16
    if address is not None and (len(address) < 8 or not _HOUSE.search(address)):
        mask |= 32
    if amount is not None and (amount > 500_000 or amount < 100 or (items is not None and amount > items * 200_000)):
        mask |= 64
    if (paid is not None and created is not None and paid - created > _DAY) or (
        o["pay_status"] == "paid" and paid is None
    ):
        mask |= 128
    if method == "cod" and ((returns is not None and returns >= 3) or (amount is not None and amount > 100_000)):
        mask |= 256
    if any(word in note for note in notes for word in _MOVED):
        mask |= 512
    if any(word in note for note in notes for word in _EXPEDITE):
        mask |= 1024
    if any(word in note for note in notes for word in _INVOICE):
        mask |= 2048
    if province in _FAR and items is not None and items >= 3:
        mask |= 4096
    if o["complaint_warning"]:
        mask |= 8192
    if o["expedited"] or (o["vip"] and amount is not None and amount >= 100_000):
        mask |= 16384
    return mask | 32768
