"""Payment bills of a scenario's orders, as the platforms write them, with differences planted in them.

Taobao's orders are paid through Alipay: its account statement, GBK in a ZIP whose names are GBK too. Pinduoduo has the
account file of the shop. All numbers and names are made up.
"""

import io
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import numpy as np
import polars as pl

PLANTED: Final = {"short": 0.008, "over": 0.004, "double": 0.004, "missing": 0.008, "refunded": 0.01}
"""Shares of the paid orders; the rest is paid in full."""
STRAYS: Final = 7
"""Payments in each bill that belong to none of the orders."""
_ACCOUNT: Final = "20880000000000000156"
_ALIPAY_HEAD: Final = (
    "账务流水号,业务流水号,商户订单号,商品名称,发生时间,对方账号,收入金额（+元）,支出金额（-元）,账户余额（元）,"
    "交易渠道,业务类型,备注,业务描述,业务账单来源,业务基础订单号,业务订单号\r\n"
)
_ALIPAY_ROW: Final = (
    "{}\t,{}\t,T200P{}\t,商品\t,{}\t,a***@example.com\t,{}\t,{}\t,0.00\t,支付宝\t,{}\t,\t,{}\t,淘宝\t,{}\t,{}\t\r\n"
)
_PDD_HEAD: Final = "商户订单号,发生时间,收入金额（+元）,支出金额（-元）,账务类型,备注,业务描述\r\n"


def write_bills(paid: pl.DataFrame, out: Path, *, seed: int, as_of: datetime) -> dict[str, Any]:
    """Write the bills of paid orders (channel, order_no, amount in fen, paid as Beijing wall time) into ``out``.

    Returns their files, how many orders each state must be found for, and the orders that are not paid in full.
    """
    rng = np.random.default_rng([seed, 0xB111])
    files, planted = [], dict[str, list[str]]()
    totals = dict.fromkeys(("full", *PLANTED), 0)
    for channel, write in (("taobao", _alipay), ("pdd", _pdd)):
        mine = paid.filter((pl.col("channel") == channel) & (pl.col("amount") > 0)).sort("order_no")
        if mine.is_empty():
            continue
        shares = [1 - sum(PLANTED.values()), *PLANTED.values()]
        mine = mine.with_columns(plan=pl.Series(rng.choice(["full", *PLANTED], mine.height, p=shares)))
        for state, some in mine.group_by("plan"):
            totals[str(state[0])] += some.height
            if state[0] != "full":
                planted.setdefault(str(state[0]), []).extend(some["order_no"].sort())
        files.append(write(_entries(mine, rng), out, as_of))
    planted = {state: sorted(planted.get(state, [])) for state in PLANTED}
    return {"files": files, "totals": totals, "not_ours": STRAYS * len(files), "planted": planted}


def _entries(orders: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """Return the rows of a bill: order_no, at, income and expense in fen."""
    plan, amount = pl.col("plan"), pl.col("amount")
    off = pl.Series("off", rng.integers(1, 2_000, orders.height))
    told = (
        orders.with_columns(off)
        .filter(plan != "missing")
        .with_columns(
            income=pl.when(plan == "short")
            .then(amount - pl.min_horizontal("off", amount - 1))
            .when(plan == "over")
            .then(amount + 100)
            .otherwise(amount),
            expense=pl.lit(None, pl.Int64),
        )
    )
    again = told.filter(plan == "double").with_columns(paid=pl.col("paid") + pl.duration(seconds=9))
    back = told.filter(plan == "refunded").with_columns(
        paid=pl.col("paid") + pl.duration(minutes=20), income=pl.lit(None, pl.Int64), expense="amount"
    )
    strays = orders.head(STRAYS).with_columns(
        order_no=pl.concat_str(pl.col("order_no").str.head(6), pl.lit("99"), pl.col("order_no").str.slice(8)),
        income="amount",
        expense=pl.lit(None, pl.Int64),
    )
    rows = pl.concat([frame.select("order_no", "paid", "income", "expense") for frame in (told, again, back, strays)])
    return rows.sort("paid", "order_no")


def _yuan(fen: int | None) -> str:
    return "" if fen is None else f"{fen // 100}.{fen % 100:02}"


def _alipay(rows: pl.DataFrame, out: Path, as_of: datetime) -> dict[str, Any]:
    text = [
        "#支付宝账务明细查询\r\n",
        f"#账号：[{_ACCOUNT}]\r\n",
        f"#{'-' * 30}账务明细列表{'-' * 30}\r\n",
        _ALIPAY_HEAD,
    ]
    for number, (order, at, income, expense) in enumerate(rows.iter_rows()):
        kind, told = ("交易退款", "0020001|交易退款") if income is None else ("在线支付", "0010001|交易收款-交易收款")
        entry, trade = f"{at:%Y%m%d}{number:012}", f"{at:%Y%m%d}2200{order[-12:]}"
        money = (_yuan(income), "" if expense is None else f"-{_yuan(expense)}")
        text.append(
            _ALIPAY_ROW.format(entry, trade, order, f"{at:%Y-%m-%d %H:%M:%S}", *money, kind, told, order, order)
        )
    text.append(f"#{'-' * 30}账务明细列表结束{'-' * 30}\r\n")
    for name, column, sign in (("支出", "expense", "-"), ("收入", "income", "")):
        some = rows[column].drop_nulls()
        text.append(f"#{name}合计：{len(some)}笔，共{sign if len(some) else ''}{_yuan(int(some.sum()))}元\r\n")
    inner = f"{_ACCOUNT}_{as_of:%Y%m%d}_账务明细.csv"
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        # names are GBK and nothing says so, as in the platform's own archives
        member = zipfile.ZipInfo(inner.encode("gbk").decode("cp437"), date_time=as_of.timetuple()[:6])
        archive.writestr(member, "".join(text).encode("gb18030"))
    name = f"{_ACCOUNT}_{as_of:%Y%m%d}.zip"
    (out / name).write_bytes(packed.getvalue())
    return {"name": name, "family": "alipay", "rows": rows.height}


def _pdd(rows: pl.DataFrame, out: Path, as_of: datetime) -> dict[str, Any]:
    text = ["拼多多店铺账务明细查询\r\n\r\n", "-" * 60 + "\r\n", _PDD_HEAD]
    for order, at, income, expense in rows.iter_rows():
        kind = "退款" if income is None else "交易收入"
        money = (_yuan(income), "" if expense is None else f"-{_yuan(expense)}")
        text.append(f"{order}\t,{at:%Y-%m-%d %H:%M:%S},{money[0]},{money[1]},{kind},,\r\n")
    name = f"pdd_bill_{as_of:%Y%m%d}.csv"
    (out / name).write_bytes("".join(text).encode("utf-8-sig"))
    return {"name": name, "family": "pdd", "rows": rows.height}
