"""Measures bills: a million rows of an Alipay account statement read, and matched to a million orders.

Differences are planted; the run fails when one is missed or one invented. The peer is plain SQL on two
tables in memory: summed and joined by order number.
"""

import resource
import tempfile
import time
from pathlib import Path
from typing import Any, Final

import duckdb
import numpy as np
import polars as pl

from qingdan.core.columns import ORDER_SCHEMA
from qingdan.finance.bills import read_bill
from qingdan.finance.matching import match, not_ours

ROWS: Final = 1_000_000
_HEAD: Final = (
    "账务流水号,业务流水号,商户订单号,商品名称,发生时间,对方账号,收入金额（+元）,支出金额（-元）,账户余额（元）,交易渠道,"
    "业务类型,备注,业务描述,业务账单来源,业务基础订单号,业务订单号\r\n"
)


def measure() -> list[dict[str, Any]]:
    """Entries for the benchmark table."""
    orders, bill, planted = _world(ROWS)
    start = time.perf_counter()
    read = read_bill(bill, file="账务明细.csv")
    reading = time.perf_counter() - start
    start = time.perf_counter()
    found, assigned = match(orders, read.entries)
    matching = time.perf_counter() - start
    seen = dict(found.group_by("state").len().select(pl.col("state").cast(pl.String), "len").rows())
    stray = not_ours(assigned).height
    if {**seen, "not_ours": stray} != planted:
        raise AssertionError(f"planted {planted}, found {seen} and {stray} not ours")
    peer = _duckdb(orders, read.entries)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return [
        {"name": "bill read (GB18030)", "value": round(read.entries.height / reading), "unit": "rows/s"},
        {
            "name": "bill matched to as many orders",
            "value": round(orders.height / matching),
            "unit": "orders/s",
            "peer": "DuckDB SQL, join by order number only",
            "ratio": round(peer / matching, 2),
        },
        {"name": "bill read and matched, a million rows", "value": round(reading + matching, 2), "unit": "s"},
        {"name": "bill peak memory, bench's own data included", "value": round(peak), "unit": "MiB"},
    ]


def _world(count: int) -> tuple[pl.DataFrame, bytes, dict[str, int]]:
    """Make orders, their bill, and how many of each state there are."""
    rng = np.random.default_rng(7)
    number = 3_304_375_000_000_000_000 + np.arange(count) * 7
    due = rng.integers(100, 500_000, count)
    orders = pl.DataFrame(
        {
            "channel": pl.Series(["taobao"]).gather(np.zeros(count, dtype=np.int64)).cast(ORDER_SCHEMA["channel"]),
            "order_no": pl.Series(number).cast(pl.String),
            "paid_amount": due,
            "payment_no": pl.Series([None]).gather(np.zeros(count, dtype=np.int64)).cast(pl.String),
            "pay_status": pl.Series(["paid"]).gather(np.zeros(count, dtype=np.int64)).cast(ORDER_SCHEMA["pay_status"]),
            "pay_method": pl.Series(["alipay"])
            .gather(np.zeros(count, dtype=np.int64))
            .cast(ORDER_SCHEMA["pay_method"]),
        }
    )
    kind = rng.choice(5, count, p=[0.97, 0.01, 0.01, 0.005, 0.005])  # full, short, over, missing, stray
    amount = due + np.where(kind == 1, -1, np.where(kind == 2, 1, 0))
    named = pl.Series(np.where(kind == 4, number + 3, number)).cast(pl.String)
    cells = pl.DataFrame({"no": named, "amount": amount, "n": np.arange(count)}).filter(pl.Series(kind != 3))
    yuan = pl.format("{}.{}", pl.col("amount") // 100, (pl.col("amount") % 100).cast(pl.String).str.zfill(2))
    line = pl.format(
        "{}\t,P{}\t,T200P{}\t,暖风机家用节能\t,2026-11-12 10:00:00\t,a***@b.com\t,{}\t,\t,0.00\t,支付宝\t,在线支付\t,"
        "\t,0010001|交易收款-交易收款\t,淘宝\t,{}\t,{}\t",
        "n",
        "n",
        "no",
        yuan,
        "no",
        "no",
    )
    rows = "\r\n".join(cells.select(line).to_series())
    total = int(cells["amount"].sum())
    text = (
        f"#支付宝账务明细查询\r\n{_HEAD}{rows}\r\n#账务明细列表结束\r\n"
        f"#收入合计：{cells.height}笔，共{total / 100:.2f}元\r\n"
    )
    names = ("full", "short", "over")
    planted = {name: int((kind == place).sum()) for place, name in enumerate(names)}
    planted["missing"] = int((kind >= 3).sum())
    return orders, text.encode("gb18030"), {**planted, "not_ours": int((kind == 4).sum())}


def _duckdb(orders: pl.DataFrame, entries: pl.DataFrame) -> float:
    """Seconds that SQL needs for the plain part of the question."""
    with tempfile.TemporaryDirectory() as folder, duckdb.connect(config={"threads": 2}) as base:
        for name, frame in (("o", orders), ("e", entries)):
            path = Path(folder) / f"{name}.parquet"
            frame.select("order_no", "paid_amount" if name == "o" else "amount").write_parquet(path)
            base.execute(f"CREATE TABLE {name} AS SELECT * FROM '{path}'")  # noqa: S608 - names of ours
        start = time.perf_counter()
        base.execute(
            "CREATE TABLE m AS SELECT o.order_no, paid_amount, paid - paid_amount AS difference FROM o LEFT JOIN "
            "(SELECT order_no, sum(amount) AS paid FROM e GROUP BY 1) AS s USING (order_no)"
        )
        return time.perf_counter() - start


if __name__ == "__main__":
    for entry in measure():
        print("  ".join(f"{key}={value}" for key, value in entry.items()))
