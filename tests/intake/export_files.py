"""Small Pinduoduo exports made from rows, in every wrapping that files arrive in."""

import csv
import io
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import xlsxwriter

from qingdan.intake.batch import Batch, read_batch

AS_OF = datetime(2026, 9, 20, tzinfo=UTC)
HEADER = (
    "商品", "订单号", "订单状态", "商品总价(元)", "用户实付金额(元)", "商品数量(件)", "收货人", "手机", "省", "市",
    "区", "街道", "详细地址", "支付时间", "承诺发货时间", "样式ID", "商家编码-规格维度", "商家备注", "售后状态",
    "买家留言",
)  # fmt: skip


def row(number: int, **cells: str) -> list[str]:
    """One order; ``cells`` replaces columns by header (``商家备注="…"``)."""
    made = {
        "商品": "保温杯",
        "订单号": f"260915-{number:015d}",
        "订单状态": "待发货",
        "商品总价(元)": "99.00",
        "用户实付金额(元)": "94.50",
        "商品数量(件)": "1",
        "收货人": "孙平",
        "手机": "13800000000",
        "省": "广东省",
        "市": "深圳市",
        "区": "福田区",
        "街道": "莲花街道",
        "详细地址": "景田北一街12号3栋402室",
        "支付时间": "2026-09-15 09:03:00",
        "承诺发货时间": "2026-09-17 09:03:00",
        "样式ID": "9988",
        "商家编码-规格维度": "BWB-01",
        "商家备注": "",
        "售后状态": "无售后或售后取消",
        "买家留言": "",
    }
    made |= cells
    return [made[name] for name in HEADER]


def text(rows: Sequence[Sequence[str]], *, delimiter: str = ",", quoting: int = csv.QUOTE_MINIMAL) -> str:
    made = io.StringIO()
    csv.writer(made, delimiter=delimiter, quoting=quoting, lineterminator="\n").writerows(rows)  # type: ignore[arg-type]
    return made.getvalue()


def csv_file(folder: Path, rows: Sequence[Sequence[str]], *, encoding: str = "utf-8-sig") -> Path:
    path = folder / "orders.csv"
    path.write_bytes(text([HEADER, *rows]).encode(encoding))
    return path


def xlsx_file(folder: Path, rows: Sequence[Sequence[object]]) -> Path:
    path = folder / "orders.xlsx"
    with xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        sheet = book.add_worksheet()
        for number, cells in enumerate([HEADER, *rows]):
            for column, cell in enumerate(cells):
                if isinstance(cell, str):
                    sheet.write_string(number, column, cell)
                else:
                    sheet.write(number, column, cell)
    return path


def read(*paths: Path) -> Batch:
    return read_batch(paths, as_of=AS_OF)
