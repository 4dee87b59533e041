"""A bill's rows as entries of one shape, checked against the sums that its end states."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from typing import Final

import polars as pl

from qingdan.core.columns import TIME
from qingdan.core.message import Message
from qingdan.finance import statement
from qingdan.finance.formats import KINDS, Format, normal_name
from qingdan.finance.messages import WHAT, UnreadableBill, message
from qingdan.finance.statement import ROW, Statement

KIND: Final = pl.Enum(KINDS)
ENTRY_SCHEMA: Final[dict[str, pl.DataType]] = {
    "row": pl.Int64(),
    "family": pl.String(),
    "format": pl.String(),
    "entry_no": pl.String(),
    "trade_no": pl.String(),
    "merchant_order_no": pl.String(),
    "order_no": pl.String(),
    "kind": KIND,
    "at": TIME,
    "amount": pl.Int64(),
    "fee": pl.Int64(),
    "goods": pl.String(),
}
"""One entry of a bill.

``amount`` in fen, what came in positive and what went out negative; ``fee`` in fen, what it cost. ``entry_no`` is the
same for the same entry in whatever file it comes. ``order_no`` is the platform's order number where the bill tells it.
"""
REFUSED_SCHEMA: Final[dict[str, pl.DataType]] = {
    "row": pl.Int64(),
    "column": pl.String(),
    "value": pl.String(),
    "reason": pl.String(),
    "zh": pl.String(),
    "en": pl.String(),
    "advice_zh": pl.String(),
    "advice_en": pl.String(),
}
_TAOBAO: Final = r"^T\d+P(\d{15,19})$"
"""Alipay's 商户订单号 of a Taobao order: T, a channel, P, the order number."""
_DAMAGED: Final = r"^\d(?:\.\d+)?[eE]\+\d{2}$"
_TIMES: Final = (
    "%Y-%m-%d %H:%M:%S",
    "%Y/%m/%d %H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%Y/%m/%d %H:%M",
    "%Y-%m-%d",
    "%Y/%m/%d",
)
_BEIJING: Final = timedelta(hours=8)
_MONEY: Final = ("income", "expense", "received", "paid", "refunded", "amount", "fee")
_IDS: Final = ("entry_no", "trade_no", "merchant_order_no", "part_no", "order_no")
_ABSENT: Final = ("0", "-", "--", "/", "无")
"""How bills write that an id is not there."""
_NO_AMOUNT: Final = ("-", "--", "—")
"""How bills write that there is no amount."""
_SHOWN: Final = 60


@dataclass(frozen=True, slots=True)
class Bill:
    """A bill that was read: ``entries`` (``ENTRY_SCHEMA``) and ``refused`` rows (``REFUSED_SCHEMA``)."""

    format: Format
    entries: pl.DataFrame
    refused: pl.DataFrame


def read_bill(data: bytes, *, file: str) -> Bill:
    """Read one bill. Raises ``UnreadableBill`` for a file that is none, or whose end does not fit its rows."""
    taken = statement.read(data, file=file)
    cells = _typed(taken)
    if taken.format.hints:
        cells = cells.filter(pl.any_horizontal(pl.col("entry_no", "at").is_not_null()))
    entries = _entries(cells, taken.format)
    refused = _refused(cells, taken)
    if refused.is_empty():
        for problem in _stated(taken, cells, entries, file):
            raise UnreadableBill(problem)
    return Bill(taken.format, entries, refused)


def _typed(taken: Statement) -> pl.DataFrame:
    """Give each column of the format as text and, where it is money or a time, read as such under ``.read``."""
    found = taken.format.positions(taken.header)
    texts = taken.rows.select(
        ROW,
        *(
            (pl.coalesce(f"c{i}" for i in places) if places else pl.lit(None, pl.String)).alias(name)
            for name, places in found.items()
        ),
    )
    ids = [name for name in _IDS if name in found]
    texts = texts.with_columns(pl.when(~pl.col(ids).is_in(_ABSENT)).then(pl.col(ids)) if ids else [])
    money = [name for name in _MONEY if name in found]
    texts = texts.with_columns(pl.when(~pl.col(money).is_in(_NO_AMOUNT)).then(pl.col(money)) if money else [])
    read = [_fen(name).alias(f"{name}.read") for name in money]
    return texts.with_columns(*read, _moment(_said_at(taken.format)).alias("at.read"))


def _fen(name: str) -> pl.Expr:
    plain = pl.col(name).str.replace_all(r"[,¥￥\s]", "").str.strip_chars_start("+")
    return (plain.cast(pl.Decimal(20, 5), strict=False) * 100).round(0).cast(pl.Int64)


def _said_at(form: Format) -> pl.Expr:
    """Text of the time; where a bill keeps day and time apart, and a spreadsheet may have made moments of both."""
    at = pl.col("at")
    if "day" not in form.columns:
        return at
    day = pl.col("day").str.replace(r"^(\d{4})(\d{2})(\d{2})$", "$1-$2-$3").str.extract(r"^(\d{4}[-/]\d+[-/]\d+)")
    return pl.coalesce(pl.concat_str(day, at.str.extract(r"(\d+:\d+(?::\d+)?)$"), separator=" "), at)


def _moment(text: pl.Expr) -> pl.Expr:
    local = pl.coalesce(text.str.to_datetime(form, time_unit="us", strict=False) for form in _TIMES)
    return (local - _BEIJING).dt.replace_time_zone("UTC")


def _kind(form: Format) -> pl.Expr:
    """Refunds first: the word for a refund of a trade holds the word for a trade."""
    kind: pl.Expr = pl.lit(form.kind)
    for name in ("payment", "transfer", "fee", "refund"):
        if words := form.kinds.get(name):
            said = pl.col("kind").str.contains("|".join(map(re.escape, words))).fill_null(value=False)
            kind = pl.when(said).then(pl.lit(name)).otherwise(kind)
    return kind.cast(KIND)


def _amount(form: Format) -> pl.Expr:
    """Signed amount: bills of one format write what goes out with and without a minus."""

    def read(name: str) -> pl.Expr:
        return pl.col(f"{name}.read").fill_null(0).abs()

    if "income" in form.columns:
        return pl.col("income.read").fill_null(0) - read("expense")
    if "direction" in form.columns:
        out = pl.col("direction").is_in(form.directions["expense"])
        return pl.when(out).then(-read("amount")).otherwise(read("amount"))
    if form.signed:
        return pl.col("amount.read").fill_null(0)
    if "received" in form.columns:
        return pl.when(_kind(form) == "refund").then(-read("received")).otherwise(read("received"))
    return pl.when(_kind(form) == "refund").then(-read("refunded")).otherwise(read("paid"))


def _entries(cells: pl.DataFrame, form: Format) -> pl.DataFrame:
    def text(name: str) -> pl.Expr:
        return pl.col(name) if name in form.columns else pl.lit(None, pl.String)

    fee = pl.col("fee.read").fill_null(0) if "fee" in form.columns else pl.lit(0)
    shaped = cells.filter(_sound(form)).select(
        row=ROW,
        family=pl.lit(form.family),
        format=pl.lit(form.id),
        entry_no=text("entry_no"),
        trade_no=text("trade_no"),
        merchant_order_no=text("merchant_order_no"),
        order_no=pl.coalesce(text("order_no"), text("merchant_order_no").str.extract(_TAOBAO)),
        kind=_kind(form),
        at=pl.col("at.read"),
        amount=_amount(form),
        fee=fee.cast(pl.Int64),
        goods=text("goods"),
        part=text("part_no"),
    )
    return _numbered(shaped).select(pl.col(name).cast(dtype) for name, dtype in ENTRY_SCHEMA.items())


def _numbered(entries: pl.DataFrame) -> pl.DataFrame:
    """Give each entry its number: the bill's own, else what tells it from every other entry."""
    if not entries["entry_no"].null_count():
        return entries.unique("entry_no", keep="first", maintain_order=True)
    made = pl.concat_str(
        pl.coalesce("trade_no", "order_no", "merchant_order_no", pl.lit("")),
        pl.col("kind").cast(pl.String),
        pl.coalesce("part", pl.col("at").dt.epoch("us").cast(pl.String)),
        pl.col("amount").cast(pl.String),
        separator=":",
    )
    made = pl.when(pl.col("entry_no").is_not_null()).then("entry_no").otherwise(made).alias("entry_no")
    again = pl.int_range(pl.len()).over("entry_no")
    once = pl.when((again == 0) | pl.col("own")).then("entry_no").otherwise(pl.format("{}:{}", "entry_no", again))
    numbered = entries.with_columns(made, own=pl.col("entry_no").is_not_null()).with_columns(entry_no=once)
    return numbered.unique("entry_no", keep="first", maintain_order=True)


def _sound(form: Format) -> pl.Expr:
    """Tell whether a row can be read."""
    return pl.all_horizontal(~problem for _, problem, _ in _problems(form))


def _problems(form: Format) -> Iterator[tuple[str, pl.Expr, str]]:
    """Yield what may be wrong with a row: the column, when it is, and the reason."""
    for name in _MONEY:
        if name in form.columns:
            wrong = pl.col(f"{name}.read").is_null() & pl.col(name).is_not_null()
            # of two columns for what comes in and goes out, one is blank
            one_of = name in {"income", "expense", "refunded", "fee"}
            yield name, wrong if one_of or name not in form.required else pl.col(f"{name}.read").is_null(), "row_amount"
    if "income" in form.columns:
        yield "income", pl.col("income").is_null() & pl.col("expense").is_null(), "row_amount"
    yield "at", pl.col("at.read").is_null(), "row_time"
    for name in _IDS:
        if name in form.columns:
            yield name, pl.col(name).str.contains(_DAMAGED).fill_null(value=False), "row_id"


def _refused(cells: pl.DataFrame, taken: Statement) -> pl.DataFrame:
    found = taken.format.positions(taken.header)
    rows = [(row, "", None, "row_cells") for row in taken.broken]
    seen: set[int] = set()
    for name, wrong, reason in _problems(taken.format):
        column = taken.header[found[name][0]] if found[name] else ""
        for row, value in cells.filter(wrong).select(ROW, name).iter_rows():
            if row not in seen:
                seen.add(row)
                rows.append((row, column, value, reason))
    said = []
    for row, column, value, reason in sorted(rows, key=lambda refused: refused[0]):
        told = message(reason, value=(value or "")[:_SHOWN])
        texts = (told.text("zh"), told.text("en"), told.advice_text("zh"), told.advice_text("en"))
        said.append((row, column, value, told.id, *texts))
    return pl.DataFrame(said, schema=REFUSED_SCHEMA, orient="row")


def _stated(taken: Statement, cells: pl.DataFrame, entries: pl.DataFrame, file: str) -> Iterator[Message]:
    """Yield where the lines below the rows state other counts or sums than the rows have."""
    for footer in taken.format.footers:
        for line in taken.below:
            if found := re.search(footer.pattern, line):
                yield from _compared(footer.count, found[1], _counted(entries, footer.count), file)
                yield from _compared_sum(footer.sum, found[2], _summed(entries, footer.sum), file)
    if taken.format.totals and len(taken.below) > 1:
        yield from _totals(taken, cells, file)


def _rows_of(entries: pl.DataFrame, what: str) -> pl.DataFrame:
    if what in {"income", "expense"}:
        return entries.filter(pl.col("amount") > 0 if what == "income" else pl.col("amount") < 0)
    return entries.filter(pl.col("kind") == what)


def _counted(entries: pl.DataFrame, what: str) -> int:
    return _rows_of(entries, what).height


def _summed(entries: pl.DataFrame, what: str) -> int:
    return abs(int(_rows_of(entries, what)["amount"].sum()))


def _totals(taken: Statement, cells: pl.DataFrame, file: str) -> Iterator[Message]:
    """Compare the last line of WeChat's bills, whose header stands above it."""
    names = [normal_name(cell) for cell in taken.below[0].split(",")]
    values = [cell.strip("` \t\r\n\ufeff") for cell in taken.below[1].replace("`", "").split(",")]
    told = dict(zip(names, values, strict=False))
    directions = taken.format.directions
    for what, known in taken.format.totals.items():
        value = next((told[normal_name(name)] for name in known if normal_name(name) in told), None)
        if value is None:
            continue
        if what == "count":
            yield from _compared(what, value, cells.height, file)
            continue
        rows = cells.filter(pl.col("direction").is_in(directions[what])) if what in directions else cells
        read = "amount.read" if what in directions else f"{what}.read"
        yield from _compared_sum(what, value, abs(int(rows[read].fill_null(0).sum())), file)


def _compared(what: str, told: str, found: int, file: str) -> Iterator[Message]:
    stated = _number(told)
    if stated is not None and stated != found:
        yield message("bill_count", file=file, what=WHAT[what], told=f"{stated:,.0f}", found=f"{found:,}")


def _compared_sum(what: str, told: str, found: int, file: str) -> Iterator[Message]:
    stated = _number(told)
    if stated is not None and abs(stated) * 100 != found:
        yield message("bill_sum", file=file, what=WHAT[what], told=f"{abs(stated):,.2f}", found=f"{found / 100:,.2f}")


def _number(text: str) -> Decimal | None:
    try:
        return Decimal(text.replace(",", ""))
    except InvalidOperation:
        return None
