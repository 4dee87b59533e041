"""Files that would hurt whoever opens them, and the reason that each is refused for."""

import io
import stat
import struct
import zipfile
from collections.abc import Iterator

import xlsxwriter

HEADER = "订单号,京东价,商品名称,订购数量,订单状态\n"
ROW = "260011223344,5.00,茶杯,1,等待出库\n"
_TYPES = b'<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
_BOMB = b" " * (64 << 20)
_LAUGHS = b"".join(b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, 10))


def files() -> Iterator[tuple[str, bytes, str]]:
    """Name, content and the reason of each refusal."""
    yield "炸弹.xlsx", _book(_BOMB), "file_unsafe"
    yield "炸弹.zip", _zip({"订单.csv": _BOMB}), "file_unsafe"
    yield "套娃.zip", _nested(4), "archive_deep"
    yield "越界.zip", _zip({"../../etc/cron.d/订单.csv": b"x"}), "file_unsafe"
    yield "链接.zip", _link(), "file_unsafe"
    yield "谎报大小.xlsx", _lying(), "file_damaged"
    yield "远角.xlsx", _book(b'<sheetData><c r="A1"/><c r="XFD1048576"/></sheetData>'), "file_unsafe"
    yield "外部实体.xlsx", _book(b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>'), "file_unsafe"
    yield "实体膨胀.xlsx", _book(b'<!DOCTYPE x [<!ENTITY l0 "ha">' + _LAUGHS + b"]><x>&l9;</x>"), "file_unsafe"
    yield "图片.csv", b"\x89PNG\r\n\x1a\n" + b"\x01" * 64, "file_unknown_kind"
    yield "合同.xlsx", b"%PDF-1.7 ....", "file_unknown_kind"
    yield "半截.xlsx", _real()[:3000], "file_damaged"
    yield "半截.zip", _zip({"订单.csv": (HEADER + ROW * 900).encode()})[:90], "file_damaged"
    yield "旧版.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "file_damaged"
    yield "混码.csv", (HEADER + ROW * 9).encode() + (ROW * 9).encode("gb18030"), "file_encoding"
    yield "空字符.csv", (HEADER + ROW.replace("茶杯", "茶\0杯")).encode(), "file_has_nul"
    yield "长行.csv", (HEADER + ROW).encode() + b"x" * (34 << 20), "line_too_long"
    yield "宽表.csv", (HEADER.strip() + "".join(f",列{n}" for n in range(100_000)) + "\n").encode(), "too_many_columns"
    yield "空.csv", b"", "file_empty"
    yield "暗格.xlsx", _hidden(), "file_too_heavy"


def _zip(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def _book(sheet: bytes) -> bytes:
    return _zip({"[Content_Types].xml": _TYPES, "xl/workbook.xml": b"<workbook/>", "xl/worksheets/sheet1.xml": sheet})


def _real() -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet()
        for number, line in enumerate([HEADER, *[ROW] * 30]):
            sheet.write_row(number, 0, line.strip().split(","))
    return out.getvalue()


def _hidden() -> bytes:
    """A workbook that is right at both ends and in its middle claims a cell that takes 550 GB to reach.

    The guard looks at the ends only where the process is bounded itself; so this one meets the bound.
    """
    row = '<row r="%d"><c r="A%d" t="inlineStr"><is><t>' + "长" * 2000 + "</t></is></c></row>"
    rows = "".join(row % (n, n) for n in range(1, 1001))
    far = '<row r="1001"><c r="XFD1048576"><v>1</v></c></row>'
    after = "".join(row % (n, n) for n in range(1002, 2001))
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(_real())) as given, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name in given.namelist():
            part = given.read(name)
            if name.endswith("sheet1.xml"):
                start, end = part.index(b"<sheetData>") + 11, part.index(b"</sheetData>")
                part = part[:start] + (rows + far + after).encode() + part[end:]
            made.writestr(name, part)
    return out.getvalue()


def _nested(depth: int) -> bytes:
    content, name = (HEADER + ROW).encode(), "订单.csv"
    for level in range(depth):
        content, name = _zip({name: content}), f"{level}.zip"
    return content


def _link() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        entry = zipfile.ZipInfo("订单.csv")
        entry.create_system, entry.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
        archive.writestr(entry, "/etc/passwd")
    return out.getvalue()


def _lying() -> bytes:
    content = _book(b"<sheetData>" + b" " * (8 << 20) + b"</sheetData>")
    return content.replace(struct.pack("<I", (8 << 20) + 23), struct.pack("<I", 1000))
