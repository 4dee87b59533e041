"""Bills as payment platforms write them, with made-up numbers; ``bills/`` holds their texts as UTF-8."""

import io
from pathlib import Path

import pyzipper
from msoffcrypto.format import ooxml

HERE = Path(__file__).parent / "bills"
ENCODINGS = {
    "alipay_account": "gb18030",
    "alipay_trade": "gb18030",
    "wechat_trade": "utf-8-sig",
    "wechat_flow": "utf-8",
    "pdd_account": "utf-8-sig",
    "douyin_settlement": "utf-8-sig",
    "wechat_shop_flow": "utf-8-sig",
    "qianniu_movements": "gb18030",
    "kuaishou_settlement": "utf-8-sig",
    "kuaishou_movements": "utf-8-sig",
    "xiaohongshu_settlement": "utf-8-sig",
    "xiaohongshu_movements": "utf-8-sig",
}


def text(name: str) -> str:
    """Text of one bill."""
    return (HERE / f"{name}.csv").read_text(encoding="utf-8")


def bill(name: str, *changes: tuple[str, str]) -> bytes:
    """Bytes of one bill as it is downloaded, with parts of its text changed."""
    changed = text(name)
    for old, new in changes:
        assert old in changed, old
        changed = changed.replace(old, new)
    return changed.replace("\n", "\r\n").encode(ENCODINGS[name])


def protected(workbook: bytes, password: str) -> bytes:
    """Bytes of a workbook that opens with a password."""
    out = io.BytesIO()
    ooxml.OOXMLFile(io.BytesIO(workbook)).encrypt(password, out)
    return out.getvalue()


def packed(name: str, content: bytes, password: str) -> bytes:
    """Bytes of an archive of one file that opens with a password."""
    out = io.BytesIO()
    with pyzipper.AESZipFile(out, "w", encryption=pyzipper.WZ_AES) as archive:
        archive.setpassword(password.encode())
        archive.writestr(name, content)
    return out.getvalue()
