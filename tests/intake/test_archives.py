"""What an upload really holds: archives, protected files, and those that lie."""

import io
import stat
import struct
import zipfile
from pathlib import Path

import msoffcrypto.format.ooxml as office
import pytest
import pyzipper
import xlsxwriter

from qingdan.intake.archives import Inner, Problem, expand
from qingdan.intake.zips import DEFAULT, ZipLimits

TABLE = "订单号,京东价\n1001,5.00\n".encode()
SMALL = ZipLimits(unpacked=1 << 20, ratio=50, ratio_from=1 << 16, entries=20)


def packed(path: Path, members: dict[str, bytes], password: str = "", *, aes: bool = False) -> Path:
    if not password:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in members.items():
                archive.writestr(name, content)
        return path
    with pyzipper.AESZipFile(
        path, "w", compression=pyzipper.ZIP_DEFLATED, encryption=pyzipper.WZ_AES if aes else None
    ) as archive:
        archive.setpassword(password.encode())
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def workbook(rows: list[list[str]]) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    return out.getvalue()


def protected(content: bytes, password: str) -> bytes:
    out = io.BytesIO()
    office.OOXMLFile(io.BytesIO(content)).encrypt(password, out)
    return out.getvalue()


def zip_crypto(name: str, content: bytes, password: bytes) -> bytes:
    """A zip of one stored member under the old cipher, which no library writes any more."""
    keys = [0x12345678, 0x23456789, 0x34567890]
    table = list(range(256))
    for n in range(256):
        for _ in range(8):
            table[n] = (table[n] >> 1) ^ 0xEDB88320 if table[n] & 1 else table[n] >> 1

    def update(byte: int) -> None:
        keys[0] = (keys[0] >> 8) ^ table[(keys[0] ^ byte) & 0xFF]
        keys[1] = ((keys[1] + (keys[0] & 0xFF)) * 134775813 + 1) & 0xFFFFFFFF
        keys[2] = (keys[2] >> 8) ^ table[(keys[2] ^ (keys[1] >> 24)) & 0xFF]

    for byte in password:
        update(byte)
    crc = zipfile.crc32(content)  # type: ignore[attr-defined]
    sealed = bytearray()
    for byte in bytes(11) + bytes([crc >> 24]) + content:
        mixed = keys[2] | 2
        sealed.append(byte ^ ((mixed * (mixed ^ 1) >> 8) & 0xFF))
        update(byte)
    raw = name.encode("gbk")
    sizes = struct.pack("<3I2H", crc, len(sealed), len(content), len(raw), 0)
    local = struct.pack("<4s5H", b"PK\x03\x04", 20, 1, 0, 0, 0x21) + sizes + raw
    entry = struct.pack("<4s6H", b"PK\x01\x02", 20, 20, 1, 0, 0, 0x21) + sizes + struct.pack("<3H2I", 0, 0, 0, 0, 0)
    body = local + bytes(sealed)
    return body + entry + raw + struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 1, 1, len(entry + raw), len(body), 0)


def opened(path: Path, tmp_path: Path, *passwords: str, limits: ZipLimits = DEFAULT) -> dict[str, object]:
    """Content by name, or the id of what is wrong."""
    folder, before = _new(tmp_path), set(tmp_path.rglob("*"))
    found = expand(path, passwords, folder, limits=limits)
    assert set(tmp_path.rglob("*")) - before == set(folder.rglob("*"))
    return {one.name: one.path.read_bytes() if isinstance(one, Inner) else one.message.id for one in found}


def test_a_plain_file_stays_where_it_is(tmp_path: Path) -> None:
    for name, content in {
        "a.csv": TABLE,
        "b.xlsx": workbook([["订单号"]]),
        "c.xls": b"\xd0\xcf\x11\xe0 broken",
    }.items():
        path = tmp_path / name
        path.write_bytes(content)
        assert expand(path, [], tmp_path / "none") == [Inner(path, name)]


def test_an_archive_gives_its_tables_under_their_names(tmp_path: Path) -> None:
    inner = packed(tmp_path / "inner.zip", {"深/订单.csv": TABLE})
    book = workbook([["订单号"]])
    outer = packed(
        tmp_path / "导出.zip",
        {"订单.csv": TABLE, "六月/表.xlsx": book, "里.zip": inner.read_bytes(), "说明.pdf": b"%PDF",
         "__MACOSX/._订单.csv": b"x", "~$表.xlsx": b"x"},
    )  # fmt: skip
    inner.unlink()
    assert opened(outer, tmp_path) == {
        "导出.zip › 订单.csv": TABLE,
        "导出.zip › 六月/表.xlsx": book,
        "导出.zip › 里.zip › 深/订单.csv": TABLE,
    }


def test_names_in_the_encoding_of_old_chinese_systems_are_read(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(zip_crypto("订单列表.csv", TABLE, b"a1"))
    assert opened(path, tmp_path, "a1") == {"a.zip › 订单列表.csv": TABLE}


def test_both_ciphers_of_zip_and_workbooks_open_with_their_password(tmp_path: Path) -> None:
    book = workbook([["订单号"], ["1"]])
    old, new = tmp_path / "old.zip", packed(tmp_path / "new.zip", {"a.csv": TABLE}, "密码2", aes=True)
    old.write_bytes(zip_crypto("b.csv", TABLE, b"pw1"))
    sheet = tmp_path / "c.xlsx"
    sheet.write_bytes(protected(book, "pw3"))
    nested = packed(tmp_path / "d.zip", {"e.csv": TABLE}, "pw4", aes=True)
    everything = ("pw3", "pw1", "密码2", "pw4")
    for path, name, content in [
        (old, "old.zip › b.csv", TABLE),
        (new, "new.zip › a.csv", TABLE),
        (sheet, "c.xlsx", book),
        (nested, "d.zip › e.csv", TABLE),
    ]:
        [found] = expand(path, everything, _new(tmp_path))
        assert isinstance(found, Inner)
        assert (found.name, found.path.read_bytes()) == (name, content)
        for passwords, said in (((), "file_encrypted"), (("no",), "password_wrong")):
            [locked] = expand(path, passwords, _new(tmp_path))
            assert isinstance(locked, Problem)
            assert (locked.protected, locked.message.id) == (True, said)
            assert locked.name == name


def _new(tmp_path: Path) -> Path:
    folder = tmp_path / f"new{len(list(tmp_path.iterdir()))}"
    folder.mkdir()
    return folder


def test_a_wrong_password_for_one_does_not_hide_the_others(tmp_path: Path) -> None:
    locked = packed(tmp_path / "in.zip", {"a.csv": TABLE}, "secret", aes=True)
    path = packed(tmp_path / "out.zip", {"x.csv": TABLE, "in.zip": locked.read_bytes()})
    locked.unlink()
    assert opened(path, tmp_path) == {"out.zip › x.csv": TABLE, "out.zip › in.zip › a.csv": "file_encrypted"}


def _link(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        link = zipfile.ZipInfo("link.csv")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")


def _grown(path: Path) -> None:
    """A member that says it is smaller than it is."""
    packed(path, {"a.csv": TABLE * 100})
    content = path.read_bytes()
    size = struct.pack("<I", len(TABLE) * 100)
    path.write_bytes(content.replace(size, struct.pack("<I", 10)))


def _overlapping(path: Path) -> None:
    """Two entries of the directory that lead to the same bytes."""
    packed(path, {"a.csv": TABLE, "b.csv": TABLE})
    content = path.read_bytes()
    second = content.rindex(b"PK\x01\x02")
    path.write_bytes(content[: second + 42] + bytes(4) + content[second + 46 :])


@pytest.mark.parametrize("name", ["../../evil.csv", "/etc/evil.csv", "C:\\evil.csv", "a/../b.csv"])
def test_a_member_can_not_choose_its_folder(tmp_path: Path, name: str) -> None:
    [found] = opened(packed(tmp_path / "a.zip", {name: TABLE}), tmp_path).values()
    assert found == "file_unsafe"


def test_what_lies_is_refused_with_a_reason(tmp_path: Path) -> None:
    cases = {
        "link": (_link, "file_unsafe"),
        "grown": (_grown, "file_damaged"),
        "overlapping": (_overlapping, "file_unsafe"),
        "bomb": (lambda p: packed(p, {"a.csv": bytes(1 << 19)}), "file_unsafe"),
        "big": (lambda p: packed(p, {f"{n}.csv": TABLE * 15_000 for n in range(4)}), "file_unsafe"),
        "many": (lambda p: packed(p, {f"{n}.csv": b"x" for n in range(30)}), "file_unsafe"),
        "empty": (lambda p: packed(p, {}), "archive_empty"),
        "pictures": (lambda p: packed(p, {"a.png": b"x"}), "archive_empty"),
        "rar": (lambda p: p.write_bytes(b"Rar!\x1a\x07\x00 more"), "archive_kind"),
        "bzip": (_bzip, "archive_method"),
    }
    seen = {}
    for name, (make, _) in cases.items():
        folder = tmp_path / name
        folder.mkdir()
        make(folder / f"{name}.zip")
        [seen[name]] = opened(folder / f"{name}.zip", folder, limits=SMALL).values()
    assert seen == {name: said for name, (_, said) in cases.items()}


def _bzip(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_BZIP2) as archive:
        archive.writestr("a.csv", TABLE)


def test_archives_are_opened_two_deep_and_share_one_budget(tmp_path: Path) -> None:
    content = packed(tmp_path / "x.zip", {"a.csv": TABLE}).read_bytes()
    for level in range(3):
        path = packed(tmp_path / f"l{level}.zip", {"in.zip": content})
        content = path.read_bytes()
        found = opened(path, tmp_path)
        assert list(found.values()) == [TABLE if level == 0 else "archive_deep"]
    half = packed(tmp_path / "half.zip", {"a.csv": TABLE * 20_000}).read_bytes()
    twice = packed(tmp_path / "twice.zip", {"1.zip": half, "2.zip": half, "3.zip": half})
    found = opened(twice, tmp_path, limits=ZipLimits(unpacked=1 << 20, ratio=10_000))
    assert list(found.values()) == [TABLE * 20_000, "file_unsafe", "file_unsafe"]


def test_a_cut_archive_is_damaged(tmp_path: Path) -> None:
    whole = packed(tmp_path / "a.zip", {"a.csv": TABLE * 50}).read_bytes()
    path = tmp_path / "cut.zip"
    flipped = bytearray(whole)
    flipped[60] ^= 0xFF
    path.write_bytes(flipped)
    assert list(opened(path, tmp_path).values()) == ["file_damaged"]
