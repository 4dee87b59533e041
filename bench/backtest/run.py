"""Measures backtests on stored history, what keeping history costs, and a draft's live impact on waiting orders."""

import os
import resource
import tempfile
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import polars as pl

from bench.policy.orders import AS_OF, make_orders
from qingdan.core.columns import LINE_SCHEMA, ORDER_SCHEMA
from qingdan.core.fields import ORDER_FIELDS
from qingdan.core.policy import compile_policy, load_policy, review_columns

ORDERS: Final = 1_000_000
MANY: Final = 10
"""How often the million is judged for the figure of ten million: each time all chunks are read from the database."""
CHUNK: Final = 20_000
WAITING: Final = 100_000

Row = dict[str, Any]


def measure(orders: int = ORDERS) -> list[Row]:
    """Entries for the benchmark table, on an embedded server of its own."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["QINGDAN_HOME"] = folder
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qingdan.web.settings")
        server = import_module("qingdan.web.database").Server(Path(folder) / "postgres", throwaway=True)
        os.environ["DATABASE_URL"] = server.start()
        try:
            import_module("django").setup()
            import_module("django.core.management").call_command("migrate", verbosity=0)
            return [*_measure(orders), *_impact(min(orders, WAITING))]
        finally:
            import_module("django.db").connections.close_all()
            server.release()


def _measure(count: int) -> list[Row]:
    backtests = import_module("qingdan.policies.backtests")
    text = (Path(__file__).parents[1] / "policy" / "bench_policy.yaml").read_text(encoding="utf-8")
    changed, other = text.replace("500元", "300元"), text.replace("500元", "200元")
    merchant = import_module("qingdan.orders.actions").ensure_merchant("bench").pk
    kept = _keep(merchant, text, count)

    def compare(new: str) -> None:
        told = backtests.compare(merchant, text, new)
        if not told["orders"]:
            raise AssertionError("no orders were judged")

    first = _cost(lambda: compare(changed))
    again = min((_cost(lambda: compare(changed)) for _ in range(3)), key=lambda cost: cost[0])
    ten = _cost(lambda: [compare(other) for _ in range(MANY)])
    entries = [
        _entry("backtest: history kept, CPU", kept[1] / count * 1e6, "µs/order", 5.0),
        _entry("backtest: history kept", _size(merchant) / count, "bytes/order", None),
    ]
    for name, cost, target in (
        (f"{count:,} orders, texts searched", first, 3.0),
        (f"{count:,} orders, texts kept", again, 3.0),
        (f"{count * MANY:,} orders, texts kept", ten, 20.0),
    ):
        entries.append(_entry(f"backtest: {name}", cost[0], "s", target))
        entries.append(_entry(f"backtest: {name}, CPU", cost[1], "s", None))
    return entries


def _keep(merchant: int, text: str, count: int) -> tuple[float, float]:
    """Keep a history of ``count`` orders; return the seconds and CPU seconds that keeping took."""
    history = import_module("qingdan.policies.history")
    compiled = compile_policy(load_policy(text))
    frame = make_orders(count)
    missing = [pl.lit(None, dtype=t).alias(n) for n, t in ORDER_SCHEMA.items() if n not in frame.columns]
    frame = frame.with_columns(missing).with_columns(
        channel=pl.lit("taobao", ORDER_SCHEMA["channel"]),
        shop=pl.lit("旗舰店"),
        order_no=pl.int_range(pl.len()).cast(pl.String),
    )
    wall = cpu = 0.0
    for start in range(0, count, CHUNK):
        part = frame[start : start + CHUNK].select(list(ORDER_SCHEMA))
        reviewed = part.hstack(review_columns(compiled, part, AS_OF))
        ids = pl.int_range(start + 1, start + part.height + 1)
        written = part.select("channel", "order_no", id=ids, version=1, from_stage=pl.lit(None, pl.String))
        began = _now()
        history.keep(reviewed, written, merchant=merchant, policy_hash=compiled.policy.hash, as_of=AS_OF)
        ended = _now()
        wall, cpu = wall + ended[0] - began[0], cpu + ended[1] - began[1]
    return wall, cpu


def _impact(count: int) -> list[Row]:
    """Entries for the live impact of a draft on waiting orders."""
    actions, waiting = import_module("qingdan.orders.actions"), import_module("qingdan.policies.waiting")
    actor = import_module("qingdan.orders.actors").Actor("import", "1", "bench")
    text = (Path(__file__).parents[1] / "policy" / "bench_policy.yaml").read_text(encoding="utf-8")
    strict = compile_policy(load_policy(text.replace("500元", "1元")))
    draft = compile_policy(load_policy(text))
    merchant = actions.ensure_merchant("waiting").pk
    shops = actions.ensure_shops(merchant, [("taobao", "旗舰店")])
    frame = make_orders(count)
    defaults = {f.id: f.default for f in ORDER_FIELDS if f.id in ORDER_SCHEMA}
    frame = frame.with_columns(
        pl.col(name).fill_null(value) if name in frame.columns else pl.lit(value, ORDER_SCHEMA[name]).alias(name)
        for name, value in defaults.items()
        if (value is not None and value != ()) or name not in frame.columns
    ).with_columns(
        platform_state=pl.lit("waiting", ORDER_SCHEMA["platform_state"]),
        channel=pl.lit("taobao", ORDER_SCHEMA["channel"]),
        shop=pl.lit("旗舰店"),
        order_no=pl.int_range(pl.len()).cast(pl.String),
        address_gaps=pl.lit([], ORDER_SCHEMA["address_gaps"]),
    )
    for start in range(0, count, CHUNK):
        part = frame[start : start + CHUNK].select(list(ORDER_SCHEMA))
        actions.record(
            part.hstack(review_columns(strict, part, AS_OF)),
            pl.DataFrame(schema=LINE_SCHEMA),
            merchant=merchant,
            shops=shops,
            import_id=None,
            policy_hash=strict.policy.hash,
            as_of=AS_OF,
            actor=actor,
        )
    waiting.impact(merchant, draft, AS_OF, fresh=True)
    looks = [_cost(lambda: waiting.impact(merchant, draft, AS_OF, fresh=True)) for _ in range(5)]
    height = waiting.of(merchant).orders().height
    return [
        _entry(f"live impact, {height:,} waiting orders", min(looks)[0] * 1e3, "ms", 300.0),
        _entry(f"live impact, {height:,} waiting orders, CPU", min(look[1] for look in looks) * 1e3, "ms", None),
    ]


def _size(merchant: int) -> int:
    with import_module("django.db").connection.cursor() as cursor:
        cursor.execute(
            "SELECT sum(octet_length(facts) + octet_length(texts)) FROM policies_judged WHERE merchant_id = %s",
            [merchant],
        )
        return int(cursor.fetchone()[0])


def _now() -> tuple[float, float]:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return time.perf_counter(), used.ru_utime + used.ru_stime


def _cost(call: Callable[[], object]) -> tuple[float, float]:
    """Seconds and CPU seconds of one call."""
    began = _now()
    call()
    ended = _now()
    return ended[0] - began[0], ended[1] - began[1]


def _entry(name: str, value: float, unit: str, target: float | None) -> Row:
    return {"name": name, "value": round(value, 3), "unit": unit, "target": target, "peer": None, "ratio": None}


if __name__ == "__main__":
    for entry in measure():
        print("  ".join(f"{key}={value}" for key, value in entry.items() if value is not None))
