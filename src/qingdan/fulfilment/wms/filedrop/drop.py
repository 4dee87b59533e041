"""Deliveries as sheets in a folder. A sheet appears whole or not at all, and which delivery went into which is kept.

The journal makes the folder a destination that can be asked: a sheet is written beside, its deliveries are noted, and
then it gets its name. Who is killed in between is finished when the delivery is asked for, so none is written twice.
"""

import hashlib
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import xlsxwriter

from qingdan.fulfilment.delivery import Delivery, yuan
from qingdan.fulfilment.wms import Access, Meaning, Said
from qingdan.fulfilment.wms.qimen.orders import order_element

_JOURNAL: Final = "journal"
_PART: Final = ".part"
_RISKY: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")

_COLUMNS: Final = (
    "出库单号", "平台", "店铺", "平台订单号", "收货人", "电话", "省", "市", "区", "详细地址", "商家编码", "商品",
    "规格", "数量", "金额", "买家留言", "商家备注", "加急",
)  # fmt: skip
_LIST_COLUMNS: Final = ("出库单号", "平台", "店铺", "平台订单号", "商家编码", "商品", "规格", "数量", "加急")


class FileDrop:
    """Writes CSV (UTF-8 with a mark, as spreadsheets expect) or XLSX, one row a line."""

    honours_key = True
    token_channels: frozenset[str] | None = None
    columns: tuple[str, ...] = _COLUMNS

    def at_once(self, to: Access) -> int:
        """Return how many deliveries go into one sheet."""
        return max(1, int(to.settings.get("batch_size") or 200))

    def check(self, delivery: Delivery, to: Access) -> None:
        """Refuse what no warehouse could ship: without a receiver or a SKU code."""
        order_element(delivery, to, delivery.released_at)

    def drop(self, deliveries: Sequence[Delivery], to: Access) -> dict[str, Said]:
        """Write one sheet; raises ``OSError`` when the folder can not be written."""
        folder = Path(to.setting("folder"))
        folder.mkdir(parents=True, exist_ok=True)
        numbers = sorted(delivery.number for delivery in deliveries)
        digest = hashlib.sha256("\n".join(numbers).encode()).hexdigest()[:12]
        kind = "xlsx" if to.setting("format") == "xlsx" else "csv"
        name = f"{numbers[0]}-{len(numbers)}-{digest}.{kind}"
        journal = folder / _JOURNAL
        journal.mkdir(exist_ok=True)
        rows = [row for delivery in deliveries for row in self.rows(delivery)]
        part = folder / (name + _PART)
        (_write_xlsx if kind == "xlsx" else _write_csv)(part, self.columns, rows)
        for number in numbers:
            (journal / number).write_text(name, encoding="utf-8")
        part.replace(folder / name)
        return {number: Said(Meaning.TAKEN, warehouse_no=name) for number in numbers}

    def find(self, delivery: Delivery, to: Access) -> Said:
        """Say whether a delivery was written, finishing what somebody was killed in the middle of."""
        folder = Path(to.setting("folder"))
        try:
            name = (folder / _JOURNAL / delivery.number).read_text(encoding="utf-8")
        except FileNotFoundError:
            return Said(Meaning.ABSENT)
        part = folder / (name + _PART)
        if part.exists():
            part.replace(folder / name)
        return Said(Meaning.TAKEN, warehouse_no=name)

    def withdraw(self, delivery: Delivery, to: Access) -> Said:
        """Say that a written sheet can not be called back by itself."""
        if self.find(delivery, to).meaning is Meaning.ABSENT:
            return Said(Meaning.TAKEN, "absent")
        return Said(Meaning.REFUSED, "written", "已写进发货文件，请人工通知仓库")

    def rows(self, delivery: Delivery) -> list[list[Any]]:
        """Rows of one delivery, in the order of ``columns``."""
        order = self.order_cells(delivery)
        return [
            [{**order, **_line_cells(delivery, place)}.get(column, "") for column in self.columns]
            for place in range(len(delivery.lines))
        ]

    def order_cells(self, delivery: Delivery) -> Mapping[str, Any]:
        """Cells that all lines of an order share."""
        text = delivery.text
        return _list_cells(delivery) | {
            "收货人": text("receiver_name") or text("receiver_token"),
            "电话": text("receiver_phone"),
            "省": text("province"),
            "市": text("city"),
            "区": text("district"),
            "详细地址": text("address"),
            "买家留言": text("buyer_message"),
            "商家备注": text("seller_memo"),
        }


class ReleaseList(FileDrop):
    """Lists what the platform's own tool must ship: the receiver is masked there, so nothing personal is in it."""

    columns: tuple[str, ...] = _LIST_COLUMNS

    def check(self, delivery: Delivery, to: Access) -> None:
        """Accept every order: the platform knows its receiver."""

    def order_cells(self, delivery: Delivery) -> Mapping[str, Any]:
        """Cells that name the order and no person."""
        return _list_cells(delivery)


def _list_cells(delivery: Delivery) -> dict[str, Any]:
    return {
        "出库单号": delivery.number,
        "平台": delivery.text("channel"),
        "店铺": delivery.text("shop"),
        "平台订单号": delivery.text("order_no"),
        "加急": "加急" if delivery.urgent else "",
    }


def _line_cells(delivery: Delivery, place: int) -> dict[str, Any]:
    line = delivery.lines[place]
    return {
        "商家编码": line.sku_code,
        "商品": line.title,
        "规格": line.spec,
        "数量": line.quantity,
        "金额": yuan(line.amount),
    }


def _write_csv(path: Path, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    text = "".join(",".join(map(_csv_cell, row)) + "\r\n" for row in (columns, *rows))
    with path.open("wb") as file:
        file.write(b"\xef\xbb\xbf" + text.encode())
        file.flush()
        os.fsync(file.fileno())


def _csv_cell(value: Any) -> str:
    """Return a cell that no spreadsheet takes for a formula, nor a long number for a float."""
    text = str(value)
    if text.startswith(_RISKY):
        text = "'" + text
    elif text.isdigit() and len(text) > 11:
        text += "\t"
    return '"' + text.replace('"', '""') + '"'


def _write_xlsx(path: Path, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    with xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate((columns, *rows)):
            sheet.write_row(number, 0, row)
