"""Which warehouse an order goes to: a first-hit table in the rule language. Pure."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

import polars as pl

from qingdan.core.message import Message, Words
from qingdan.core.policy import Compiled, PolicyError, compile_policy, load_policy, tables_columns
from qingdan.core.policy.check import read_expression
from qingdan.core.policy.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one row, counted from 1; 0 is the whole table."""

    row: int
    message: Message


class RoutingError(Exception):
    """A table that can not be used; ``faults`` says why, row by row."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("; ".join(f"{fault.row}: {fault.message.text('en')}" for fault in faults))
        self.faults = tuple(faults)


_NO_WAREHOUSE = Message(
    "routing.no_warehouse",
    Words("没有这个仓库：{name}。", "There is no such warehouse: {name}."),
    Words("请从已有的仓库里选。", "Choose one of the warehouses there are."),
)
_NO_ELSE = Message(
    "routing.no_else",
    Words("最后一行要写“其他所有订单”去哪个仓。", "The last row must say where all other orders go."),
    Words("把最后一行的条件留空。", "Leave the last row's condition empty."),
)


def read_rows(rows: Sequence[Mapping[str, Any]], warehouses: Mapping[str, int]) -> list[dict[str, str]]:
    """Check a table: rows of ``when`` (a condition; empty in the last row) and ``to`` (a warehouse's name).

    Returns the rows as they are kept. Raises ``RoutingError`` with every fault.
    """
    faults: list[Fault] = []
    kept: list[dict[str, str]] = []
    for place, row in enumerate(rows, start=1):
        when, to = str(row.get("when") or "").strip(), str(row.get("to") or "").strip()
        if to not in warehouses:
            faults.append(
                Fault(place, Message(_NO_WAREHOUSE.id, _NO_WAREHOUSE.words, _NO_WAREHOUSE.advice, {"name": to}))
            )
        if when:
            checked = read_expression(when, Vocabulary())
            faults += [Fault(place, fault.said) for fault in checked.faults if not fault.warning]
        elif place < len(rows):
            faults.append(Fault(place, _NO_ELSE))
        kept.append({"when": when, "to": to})
    if not kept or kept[-1]["when"]:
        faults.append(Fault(len(kept), _NO_ELSE))
    if faults:
        raise RoutingError(faults)
    try:
        compiled(json.dumps(kept, ensure_ascii=False))
    except PolicyError as error:
        raise RoutingError([Fault(0, problem.message) for problem in error.problems]) from error
    return kept


@lru_cache(maxsize=256)
def compiled(rows: str) -> Compiled:
    """Return a table (its rows as JSON) ready to decide."""
    table = [
        {"id": f"r{place}", "output": row["to"], **({"when": row["when"]} if row["when"] else {"else": True})}
        for place, row in enumerate(json.loads(rows))
    ]
    policy = {
        "policy": "routing",
        "title": "分仓",
        "scope": "true",
        "tiers": [{"id": "any", "title": "any", "owner": "warehouse", "else": True}],
        "tables": [{"id": "warehouse", "title": "分仓", "hit": "first", "rows": table}],
    }
    # JSON is YAML, and keeps every text as it is
    return compile_policy(load_policy(json.dumps(policy, ensure_ascii=False), source="routing"))


def route(rows: str, orders: pl.DataFrame, as_of: datetime) -> pl.Series:
    """Return the name of each order's warehouse."""
    return tables_columns(compiled(rows), orders, as_of)["warehouse"]
