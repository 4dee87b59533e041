"""Cells of a recognised sheet as typed columns: wrappers taken off, amounts in fen, times in UTC.

Everything runs in two steps. The first reads every column by the shape that platforms write, in one parallel pass; the
second looks only at the cells that the first could not read.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import polars as pl

from qingdan.channels.mapping import TARGETS, CellKind, Origin
from qingdan.core.columns import TIME
from qingdan.intake import homemade
from qingdan.intake.headers import Match
from qingdan.intake.readers import ROW

SPACES: Final = " \t\r\n\v\f\u00a0\u3000\ufeff\u200b"
WRAPPERS: Final = SPACES + "='\"`"
BLANK: Final = ("", "-", "--", "—", "——", "/", "null", "NULL", "Null", "None", "none", "nan", "NaN", "'null", "#N/A")
DAMAGED: Final = r"^\d(?:\.\d+)?[eE]\+\d{2}$"
_BEIJING: Final = 8 * 3600 * 1_000_000
_MONEY: Final = r"^(?:[¥￥$]|RMB|CNY)?\s*(-?)(?:[¥￥$])?\s*(\d[\d,]*(?:\.\d+)?|\.\d+)\s*(?:元.*|[(（].*)?$"
_TIMES: Final = ("%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%d")
_MOMENT: Final = r"\d{4}-\d{1,2}-\d{1,2} \d{1,2}:\d{2}(?::\d{2})?"
_SERIAL: Final = r"^[3-6]\d{4}(?:\.\d+)?$"
_EPOCH: Final = -25569 * 86_400_000_000
"""Serial day 0 of a spreadsheet (1899-12-30) in microseconds."""
_SHOWN: Final = 5

_PROBLEMS: Final[dict[CellKind, str]] = {
    "money": "bad_money",
    "time": "bad_time",
    "deadline": "bad_time",
    "int": "bad_number",
    "id": "damaged_cells",
    "phone": "damaged_cells",
}


@dataclass(frozen=True, slots=True)
class Problem:
    """Cells of one column that could not be read and are null now; ``rows`` holds the first few.

    ``place`` (kind of cell, position) tells columns apart that are called the same.
    """

    id: str
    column: str
    count: int
    rows: tuple[int, ...]
    place: tuple[str, int]


@dataclass(frozen=True, slots=True)
class Cells:
    """A sheet as typed columns.

    ``frame`` has ``row``, the mapped columns of ``TARGETS``, ``gift.*`` and ``hold.N`` (text of the table's hold
    rules). ``order_no`` is as the file has it, damaged or not; ``refund_amount_text`` is what stands in place of an
    amount, as 无退款申请.
    """

    frame: pl.DataFrame
    problems: tuple[Problem, ...]

    @property
    def columns(self) -> frozenset[str]:
        """Columns that this sheet has."""
        return frozenset(self.frame.columns)


@dataclass(frozen=True, slots=True)
class _Plan:
    """A target and the alternatives that this file has for it, as positions."""

    target: str
    kind: CellKind
    alternatives: tuple[tuple[int, ...], ...]


def _available(origin: Origin, match: Match) -> tuple[tuple[int, ...], ...]:
    found = [
        tuple(match.headers[name] for name in parts)
        for parts in origin.alternatives
        if all(name in match.headers for name in parts)
    ]
    return tuple(found[:1] if origin.first else found)


def _plans(match: Match) -> list[_Plan]:
    table = match.table
    plans = [(name, TARGETS[name], origin) for name, origin in table.columns.items()]
    plans += [(f"gift.{name}", TARGETS[name], origin) for name, origin in table.gift.items()]
    plans += [(f"hold.{number}", "word", Origin(any=(rule.column,))) for number, rule in enumerate(table.holds)]
    made = [_Plan(name, kind, _available(origin, match)) for name, kind, origin in plans]
    detail = {plan.alternatives for plan in made if plan.target == "address"}
    # Old Pinduoduo exports keep the whole detail in the town's column: it is read once, as the address.
    return [p for p in made if p.alternatives and not (p.target == "town" and p.alternatives in detail)]


def positions(match: Match) -> list[int]:
    """Positions of the columns that ``read`` needs, ascending."""
    return sorted({i for plan in _plans(match) for alternative in plan.alternatives for i in alternative})


def order_numbers(match: Match) -> list[int]:
    """Positions of the columns that hold the order number, ascending."""
    plan = next(plan for plan in _plans(match) if plan.target == "order_no")
    return sorted({i for alternative in plan.alternatives for i in alternative})


def read_order_numbers(match: Match, frame: pl.DataFrame) -> pl.Series:
    """Only ``order_no`` of a frame with the columns of ``order_numbers``."""
    plan = next(plan for plan in _plans(match) if plan.target == "order_no")
    texts = _clean(frame, {(plan.kind, i) for alternative in plan.alternatives for i in alternative})
    return texts.select(_combine(plan).alias("order_no")).to_series()


def read(match: Match, frame: pl.DataFrame) -> Cells:
    """Typed columns of ``frame`` (text columns named by position, and ``row``). Rows without any cell are dropped."""
    plans = _plans(match)
    needed = {(kind, i) for p in plans for kind in (p.kind,) for alt in p.alternatives for i in alt}
    texts = _clean(frame, needed)
    parsed, problems = _parse(texts, needed, match)
    columns = [_combine(plan).alias(plan.target) for plan in plans]
    for plan in plans:
        if plan.kind == "refund_amount":
            text, amount = pl.col(f"t{plan.alternatives[0][0]}"), _combine(plan)
            columns.append(pl.when(amount.is_null()).then(text).alias(plan.target + "_text"))
    return Cells(homemade.prepare(parsed.select(ROW, *columns), match.table), tuple(problems))


def _clean(frame: pl.DataFrame, needed: Iterable[tuple[CellKind, int]]) -> pl.DataFrame:
    """``row``, ``tN`` (identifiers, numbers, times, words) and ``xN`` (free text, phones) of each column, unwrapped.

    Of a tight cell everything that spreadsheets wrap around a value is taken off. Free text loses outer spaces, one
    text mark ``'`` and ``="…"``. Most columns have none of these, so each step is done only where one look at the
    column finds a reason.
    """
    loose = sorted({i for kind, i in needed if kind in {"text", "phone"}})
    tight = sorted({i for kind, i in needed if kind not in {"text", "phone"}})
    texts = frame.select(
        ROW,
        *(pl.col(str(i)).str.strip_chars(WRAPPERS).alias(f"t{i}") for i in tight),
        *(pl.col(str(i)).str.strip_chars().alias(f"x{i}") for i in loose),
    )
    if loose:
        marked = texts.select(
            (pl.col(f"x{i}").str.starts_with("'") | pl.col(f"x{i}").str.starts_with("=")).any() for i in loose
        ).row(0)
        texts = texts.with_columns(_unwrapped(f"x{i}") for i, found in zip(loose, marked, strict=True) if found)
    names = texts.columns[1:]
    blank = texts.select(pl.col(name).is_in(BLANK).any() for name in names).row(0)
    texts = texts.with_columns(
        pl.when(~pl.col(name).is_in(BLANK)).then(name).alias(name)
        for name, found in zip(names, blank, strict=True)
        if found
    )
    empty = texts.select(pl.all_horizontal(pl.exclude(ROW).is_null())).to_series()
    return texts.filter(~empty) if empty.any() else texts


def _unwrapped(column: str) -> pl.Expr:
    text = pl.col(column)
    formula = text.str.starts_with('="')
    text = pl.when(formula).then(text.str.strip_prefix('="').str.strip_suffix('"')).otherwise(text)
    return text.str.strip_prefix("'").str.strip_chars().alias(column)


def _name(kind: CellKind, position: int) -> str:
    """Name of a parsed column; words and free text stay as they are."""
    return {"text": "x", "word": "t", "order_no": "t"}.get(kind, kind + "_") + str(position)


def _source(kind: CellKind, position: int) -> str:
    """Name of the cleaned text that a column is parsed from."""
    return ("x" if kind in {"text", "phone"} else "t") + str(position)


def _fast(kind: CellKind, position: int) -> pl.Expr:
    text = pl.col(_source(kind, position))
    if kind in {"money", "refund_amount"}:
        return _fen(text)
    if kind in {"time", "deadline"}:
        return _utc(text.str.to_datetime("%Y-%m-%d %H:%M:%S", time_unit="us", strict=False))
    if kind == "int":
        return text.cast(pl.Int64, strict=False)
    # Only what holds a plus sign is looked at more closely, as the number of a damaged cell does.
    return pl.when(~text.str.contains("+", literal=True)).then(text)


def _fen(text: pl.Expr) -> pl.Expr:
    """Yuan as text → fen, half a fen up; null when it is no plain number."""
    return (text.cast(pl.Decimal(18, 4), strict=False).to_physical().cast(pl.Int64) + 50) // 100


def _utc(local: pl.Expr) -> pl.Expr:
    return (local.to_physical() - _BEIJING).cast(TIME)


def _slow(kind: CellKind, text: pl.Expr) -> pl.Expr:
    if kind in {"money", "refund_amount"}:
        groups = text.str.normalize("NFKC").str.extract_groups(_MONEY)
        number = groups.struct.field("1") + groups.struct.field("2").str.replace_all(",", "", literal=True)
        return _fen(number)
    if kind == "time":
        return _any_time(text)
    if kind == "deadline":
        plain = text.str.replace_all("/", "-", literal=True).str.extract_all(_MOMENT)
        return pl.coalesce(_any_time(plain.list.sort().list.first()), _any_time(text))
    if kind == "int":
        return text.str.extract(r"^(\d{1,18})(?:\.0*)?\s*[件个份套]?$").cast(pl.Int64, strict=False)
    number = text.str.strip_chars(WRAPPERS) if kind == "phone" else text
    return pl.when(~number.str.contains(DAMAGED)).then(text)


def _any_time(text: pl.Expr) -> pl.Expr:
    plain = text.str.normalize("NFKC").str.replace_all("[/.年月]", "-").str.replace("日", "").str.replace("T", " ")
    plain = (
        pl.when(text.str.contains(_SERIAL))
        .then(None)
        .otherwise(pl.when(plain.str.contains(r"-.*-.*:.*-")).then(text).otherwise(plain))
    )
    moments = [plain.str.to_datetime(f, time_unit="us", strict=False) for f in _TIMES]
    serial = pl.when(text.str.contains(_SERIAL)).then(text.cast(pl.Float64, strict=False))
    seconds = (serial * 86_400).round().cast(pl.Int64) * 1_000_000 + _EPOCH
    return _utc(pl.coalesce(*moments, seconds.cast(pl.Datetime("us"))))


def _parse(
    texts: pl.DataFrame, needed: Iterable[tuple[CellKind, int]], match: Match
) -> tuple[pl.DataFrame, list[Problem]]:
    typed = sorted((kind, i) for kind, i in needed if kind not in {"text", "word", "order_no"})
    parsed = texts.with_columns(_fast(kind, i).alias(_name(kind, i)) for kind, i in typed)
    failed = parsed.select(
        (pl.col(_name(kind, i)).is_null() & pl.col(_source(kind, i)).is_not_null()).sum().alias(_name(kind, i))
        for kind, i in typed
    )
    problems = []
    for kind, i in typed:
        name = _name(kind, i)
        if failed[name][0] == 0:
            continue
        parsed, left = _retry(parsed, kind, _source(kind, i), name)
        if len(left) and kind in _PROBLEMS:
            title = str(match.titles[i]).strip()
            problems.append(Problem(_PROBLEMS[kind], title, len(left), tuple(left.head(_SHOWN).to_list()), (kind, i)))
    return parsed, problems


_NEVER: Final = r"^0{4}[-/]0{1,2}[-/]0{1,2}"
"""A database's way to write that there is no time."""


def _retry(parsed: pl.DataFrame, kind: CellKind, text: str, name: str) -> tuple[pl.DataFrame, pl.Series]:
    """Read the cells that failed once more, slowly; give the rows of those that still can not be read."""
    failed = pl.col(name).is_null() & pl.col(text).is_not_null()
    distinct = parsed.filter(failed).select(pl.col(text).unique())
    answers = distinct.with_columns(_slow(kind, pl.col(text)).alias("answer"))
    joined = parsed.select(text).join(answers, on=text, how="left", maintain_order="left")["answer"]
    parsed = parsed.with_columns(pl.coalesce(name, joined.alias("answer")).alias(name))
    bad = failed
    if kind in {"time", "deadline"}:
        bad &= ~pl.col(text).str.contains(_NEVER)
    return parsed, parsed.filter(bad)[ROW]


def _combine(plan: _Plan) -> pl.Expr:
    """The first alternative with a cell wins; a cell that could not be read does not give way to the next one."""
    value: pl.Expr | None = None
    for alternative in reversed(plan.alternatives):
        names = [_name(plan.kind, i) for i in alternative]
        this = pl.col(names[0]) if len(names) == 1 else _sum(names)
        if value is None:
            value = this
            continue
        given = pl.any_horizontal(pl.col(_source(plan.kind, i)).is_not_null() for i in alternative)
        value = pl.when(given).then(this).otherwise(value)
    if value is None:
        raise ValueError(f"no alternative for {plan.target}")
    return value


def _sum(names: list[str]) -> pl.Expr:
    return pl.when(pl.any_horizontal(pl.col(n).is_not_null() for n in names)).then(pl.sum_horizontal(names))
