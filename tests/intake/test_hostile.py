"""Files that would hurt are refused before they are opened, with a message that a clerk understands."""

import struct
import zipfile
from pathlib import Path

import export_files as exports
import pytest

from qingdan.intake.batch import read_batch
from qingdan.intake.guard import Limits, check_workbook
from qingdan.intake.messages import UnreadableFile

_TYPES = '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'


def _workbook(path: Path, sheet: bytes, **parts: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", _TYPES)
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", sheet)
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def _refusal(path: Path) -> str:
    with pytest.raises(UnreadableFile) as caught:
        read_batch([path], as_of=exports.AS_OF)
    told = caught.value.message
    assert path.name in told.text("zh")
    assert path.name in told.text("en")
    assert told.advice_text("zh")
    return told.id


@pytest.mark.parametrize(
    "sheet",
    [
        b'<sheetData><row r="1"><c r="A1"/></row><row r="1048576"><c r="XFD1048576"/></row></sheetData>',
        b'<sheetData><row r="1"><c r="A1"/><c r="ZZZ9"/></row></sheetData>',
        b'<sheetData><row r="1"><c r="A1"/></row><row r="999999"><c r="ZZ999999"/></row></sheetData>',
        b"<sheetData><row r='1'><c r='A1'/><c\tr='XFD1048576'/></row></sheetData>",
        b'<sheetData><row r="1"><c r = "A1"/><c r= "XFD1048576"/></row></sheetData>',
        b'<sheetData><row r="1"><c r="A99999999"/></row></sheetData>',
        b'<sheetData><row r="1"><c r="A1"/>' + b"<!-- x -->" * 200_000 + b'<c r="XFD1048576"/></row></sheetData>',
    ],
)
def test_a_sheet_that_claims_an_abnormal_range_is_not_opened(tmp_path: Path, sheet: bytes) -> None:
    assert _refusal(_workbook(tmp_path / "wide.xlsx", sheet)) == "file_unsafe"


def test_a_zip_bomb_is_not_unpacked(tmp_path: Path) -> None:
    path = _workbook(tmp_path / "bomb.xlsx", b"<sheetData>" + b" " * (64 << 20) + b"</sheetData>")
    assert path.stat().st_size < 1 << 20
    assert _refusal(path) == "file_unsafe"


def test_xml_entities_are_refused(tmp_path: Path) -> None:
    sheet = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><sheetData/>'
    assert _refusal(_workbook(tmp_path / "xxe.xlsx", sheet)) == "file_unsafe"


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("empty.csv", b"", "file_empty"),
        ("blank.csv", b"\n\n  \n", "file_empty"),
        ("nul.csv", "订单号,京东价\n1,\0\n".encode(), "file_has_nul"),
        ("picture.csv", b"\x89PNG\r\n\x1a\n" + b"\x01" * 64, "file_unknown_kind"),
        ("paper.xlsx", b"%PDF-1.7 ....", "file_unknown_kind"),
        ("mixed.csv", "订单号,京东价\n".encode() + b"\xff\xff\xff\n", "file_encoding"),
        ("other.csv", "姓名,电话\n甲,1\n".encode(), "unknown_layout"),
        ("broken.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, "file_damaged"),
        ("broken.xlsx", b"PK\x03\x04" + b"\x00" * 600, "file_damaged"),
    ],
)
def test_what_is_no_order_table_says_why(tmp_path: Path, name: str, content: bytes, reason: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    assert _refusal(path) == reason


@pytest.mark.parametrize("kept", [40, 400, 3000])
def test_a_truncated_workbook_is_damaged(tmp_path: Path, kept: int) -> None:
    path = exports.xlsx_file(tmp_path, [exports.row(n) for n in range(20)])
    path.write_bytes(path.read_bytes()[:kept])
    assert _refusal(path) == "file_damaged"


def test_an_archive_can_not_write_elsewhere(tmp_path: Path) -> None:
    path = tmp_path / "orders.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("../orders.csv", "订单号,京东价\n")
    with pytest.raises(UnreadableFile) as caught:
        read_batch([path], as_of=exports.AS_OF)
    assert caught.value.message.id == "file_unsafe"


def test_a_text_table_that_calls_itself_a_workbook_is_read_as_text(tmp_path: Path) -> None:
    path = exports.csv_file(tmp_path, [exports.row(1)])
    named = path.rename(tmp_path / "orders.xlsx")
    assert exports.read(named).orders.height == 1


def test_an_honest_workbook_passes_the_guard(tmp_path: Path) -> None:
    check_workbook(exports.xlsx_file(tmp_path, [exports.row(n) for n in range(300)]))
    with pytest.raises(UnreadableFile):
        check_workbook(tmp_path / "orders.xlsx", Limits(area=100))


def test_a_workbook_that_lies_about_its_sizes_is_damaged(tmp_path: Path) -> None:
    path = _workbook(tmp_path / "lying.xlsx", b"<sheetData>" + b" " * (8 << 20) + b"</sheetData>")
    content = path.read_bytes()
    real, told = (8 << 20) + 23, 1000
    assert content.count(struct.pack("<I", real)) == 2
    path.write_bytes(content.replace(struct.pack("<I", real), struct.pack("<I", told)))
    assert _refusal(path) == "file_damaged"


def test_two_billion_bytes_of_nothing_are_refused_at_once(tmp_path: Path) -> None:
    path = tmp_path / "sparse.csv"
    with path.open("wb") as file:
        file.write("订单号,京东价\n".encode())
        file.truncate(2 << 30)
    assert _refusal(path) == "file_has_nul"


@pytest.mark.parametrize("before", ["", exports.text([exports.HEADER, exports.row(1)])])
def test_a_line_without_end_is_refused(tmp_path: Path, before: str) -> None:
    path = tmp_path / "line.csv"
    path.write_bytes(before.encode() + b"x" * (34 << 20))
    assert _refusal(path) == "line_too_long"


def test_a_hundred_thousand_columns_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "wide.csv"
    header = [*exports.HEADER, *(f"列{n}" for n in range(100_000))]
    path.write_text(exports.text([header, [*exports.row(1), *["x"] * 100_000]]), "utf-8")
    assert _refusal(path) == "too_many_columns"


def test_an_encoding_that_changes_halfway_is_refused(tmp_path: Path) -> None:
    path = exports.csv_file(tmp_path, [exports.row(n) for n in range(30_000)], encoding="utf-8")
    with path.open("ab") as file:
        file.write(exports.text([exports.row(1)]).encode("gb18030"))
    assert _refusal(path) == "file_encoding"


def test_a_quote_that_never_closes_costs_its_own_row(tmp_path: Path) -> None:
    rows = [exports.row(n, 买家留言="说\n“快”") for n in range(3000)]
    path = exports.csv_file(tmp_path, rows)
    text = path.read_text("utf-8-sig")
    path.write_text(text.replace("13800000000", '"13800000000', 1), "utf-8")
    batch = exports.read(path)
    assert batch.orders.height == 2999
    assert set(batch.refused["reason"]) == {"ragged_row"}


def test_a_huge_cell_and_very_many_columns_do_no_harm(tmp_path: Path) -> None:
    long = exports.csv_file(tmp_path, [exports.row(1, 商家备注="长" * 3_000_000), exports.row(2)])
    assert exports.read(long).orders.height == 2
    wide = tmp_path / "wide.csv"
    header = [*exports.HEADER, *(f"列{n}" for n in range(20_000))]
    wide.write_text(exports.text([header, [*exports.row(1), *["x"] * 20_000]]), "utf-8")
    assert exports.read(wide).orders.height == 1
