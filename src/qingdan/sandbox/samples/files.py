"""Sample files on disk: CSV in the encoding and quoting of a platform, written chunk by chunk, and XLSX."""

import functools
import io
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path
from typing import BinaryIO, Final, Literal

import polars as pl
import xlsxwriter
import yaml

Encoding = Literal["gb18030", "utf-8", "utf-8-sig"]
XLSX_CREATED: Final = datetime(2026, 1, 1, tzinfo=UTC)
"""Stands in every workbook, so that the same sample is the same file."""


@dataclass(frozen=True, slots=True)
class Style:
    """How a platform writes its CSV."""

    encoding: Encoding
    quote_all: bool = False
    trailing_comma: bool = False


@dataclass(slots=True)
class CsvFile:
    """A CSV file that grows by chunks."""

    path: Path
    style: Style
    rows: int = 0
    _out: BinaryIO | None = field(default=None, repr=False)

    def append(self, frame: pl.DataFrame) -> None:
        """Write the rows, and the header before the first of them."""
        if self._out is None:
            self._out = self.path.open("wb")
            self._write(pl.DataFrame([frame.columns], schema=frame.columns, orient="row"))
        self._write(frame)
        self.rows += frame.height

    def _write(self, frame: pl.DataFrame) -> None:
        if self._out is None:
            raise ValueError(self.path)
        text = io.BytesIO()
        if not self.style.quote_all:
            frame = frame.select(pl.when(pl.all() != "").then(pl.all()))  # null is written as nothing, "" as ""
        frame.write_csv(
            text,
            include_header=False,
            quote_style="always" if self.style.quote_all else "necessary",
            line_terminator=",\r\n" if self.style.trailing_comma else "\r\n",
        )
        content = text.getvalue()
        if self.style.encoding == "gb18030":
            content = content.decode("utf-8").encode("gb18030")
        elif self.style.encoding == "utf-8-sig" and self._out.tell() == 0:
            content = b"\xef\xbb\xbf" + content
        self._out.write(content)

    def close(self) -> None:
        """Finish the file."""
        if self._out is not None:
            self._out.close()


def write_xlsx(path: Path, frame: pl.DataFrame, sheet: str) -> None:
    """One sheet, every cell text, as the platforms do to keep long numbers whole."""
    with xlsxwriter.Workbook(path, {"constant_memory": True, "strings_to_numbers": False}) as book:
        book.set_properties({"created": XLSX_CREATED})
        page = book.add_worksheet(sheet)
        page.write_row(0, 0, frame.columns)
        for number, row in enumerate(frame.iter_rows(), start=1):
            for column, value in enumerate(row):
                if value:
                    page.write_string(number, column, value)


@functools.cache
def header(name: str) -> tuple[str, ...]:
    """Header row of a platform's table, from ``headers.yaml``."""
    text = (resources.files(__package__) / "headers.yaml").read_text("utf-8")
    return tuple(yaml.safe_load(text)[name])


def yuan(fen: str | pl.Expr) -> pl.Expr:
    """Fen as ``28.90``."""
    amount = pl.col(fen) if isinstance(fen, str) else fen
    return (amount // 100).cast(pl.String) + "." + (amount % 100).cast(pl.String).str.zfill(2)


def wall(column: str, form: str = "%Y-%m-%d %H:%M:%S") -> pl.Expr:
    """Beijing wall time as text, empty for null."""
    return pl.col(column).dt.strftime(form).fill_null("")


def number(base: int, step: int) -> pl.Expr:
    """Order numbers that never repeat: steps from a base, with a remainder that hides the sequence."""
    jitter = (pl.col("serial") * 2_654_435_761) % (step - 10)
    return pl.lit(base, pl.Int64) + pl.col("serial") * step + jitter


def mixed(column: str, modulus: int) -> pl.Expr:
    """A small number that looks unrelated to the order, the same every time."""
    return ((pl.col(column) * 2_654_435_761) // 1024) % modulus


def masked_name() -> pl.Expr:
    """张三 → 张**."""
    return pl.when("masked").then(pl.col("name").str.slice(0, 1) + "**").otherwise("name")


def masked_phone() -> pl.Expr:
    """13800001234 → 138****1234."""
    hidden = pl.col("phone").str.slice(0, 3) + "****" + pl.col("phone").str.slice(7)
    return pl.when("masked").then(hidden).otherwise("phone")


def masked_detail() -> pl.Expr:
    """Detailed address with stars for all that could name a door."""
    return pl.when("masked").then(pl.lit("******")).otherwise("detail")


def city_column() -> pl.Expr:
    """City as platforms with a column of its own write it, also for a county directly under its province."""
    suffix = pl.when(pl.col("province").str.ends_with("自治区")).then(pl.lit("自治区")).otherwise(pl.lit("省"))
    direct = pl.col("city").is_null() & pl.col("district").is_not_null()
    return pl.when(direct).then(suffix + "直辖县级行政区划").otherwise("city")


def fill(frame: pl.DataFrame, header: tuple[str, ...], cells: dict[str, pl.Expr], empty: str) -> pl.DataFrame:
    """Text columns in the order of the header; what ``cells`` does not give is ``empty``."""
    unknown = set(cells) - set(header)
    if unknown:
        raise ValueError(unknown)
    return frame.select(
        cells[name].cast(pl.String).fill_null(empty).alias(name) if name in cells else pl.lit(empty).alias(name)
        for name in header
    )
