"""An address that somebody pasted, taken apart: labels, line breaks, name and phone before, after or between. Pure."""

import re
from dataclasses import dataclass
from typing import Final

import polars as pl

from qingdan.core import address_text
from qingdan.core.region import Divisions

MOST_CHARS: Final = 1000
_LABELS: Final = (
    r"(?:收货人|收件人|联系人|姓名|名字|手机号码|手机号|手机|联系电话|电话号码|电话|所在地区|所在区域|地区|省市区|街道|"
    r"详细地址|收货地址|收件地址|地址|邮编)"
)
_LABEL: Final = re.compile(rf"{_LABELS}\s*[:：]")
_NAME_LABEL: Final = re.compile(r"(?:收货人|收件人|联系人|姓名|名字)\s*[:：]\s*([^\s,，;；:：0-9]{1,20})")
_PHONE: Final = re.compile(
    r"(?<!\d)(?:(?:\+?86|0086)[- ]?)?"
    r"(1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?:\s*(?:[-－_#]|转)\s*\d{2,6})?|0\d{2,3}[- ]\d{7,8}|[48]00-\d{3}-?\d{4})(?!\d)"
)
_CUT: Final = re.compile(r"[\n\r\t,，;；|]+")
_NAME: Final = re.compile(r"^[\u4e00-\u9fff·]{1,8}(?:先生|女士|小姐)?$|^[A-Za-z][A-Za-z .]{0,30}$")
_PLACE: Final = re.compile(r"[省市区县州盟旗镇乡村路街号栋楼室组弄巷园苑庄]$")


@dataclass(frozen=True, slots=True)
class Pasted:
    """What a pasted text says of a receiver, in official names; None where it says nothing."""

    name: str | None
    phone: str | None
    province: str | None
    city: str | None
    district: str | None
    town: str | None
    address: str | None


def take_apart(text: str, divisions: Divisions) -> Pasted:
    """Read a pasted text; what is not found is None, and nothing but labels and separators is dropped."""
    whole = text[:MOST_CHARS].replace("\u3000", " ").strip()
    labelled = _NAME_LABEL.search(whole)
    name = labelled[1] if labelled else None
    if labelled:
        whole = whole[: labelled.start()] + "\n" + whole[labelled.end() :]
    whole = _LABEL.sub("\n", whole)
    phone = None
    if found := _PHONE.search(whole):
        phone = re.sub(r"\s", "", found[1])
        whole = whole[: found.start()] + "\n" + whole[found.end() :]
    parts = [part for part in (one.strip() for one in _CUT.split(whole)) if part]
    if name is None:
        name, parts = _name(parts)
    told = address_text.split(pl.Series([" ".join(parts)]), divisions).row(0, named=True)
    return Pasted(
        name=name or told["name"],
        phone=phone or told["phone"],
        province=told["province"],
        city=told["city"],
        district=told["district"],
        town=told["town"],
        address=told["address"],
    )


def _name(parts: list[str]) -> tuple[str | None, list[str]]:
    """Find a name that stands by itself: as a part, or as the first or last word of one."""
    for index, part in enumerate(parts):
        if _looks_like_name(part):
            return part, [*parts[:index], *parts[index + 1 :]]
    for index, place in ((0, 0), (len(parts) - 1, -1)):
        words = parts[index].split() if parts else []
        if len(words) > 1 and _looks_like_name(words[place]):
            rest = " ".join(words[1:] if place == 0 else words[:-1])
            return words[place], [*parts[:index], rest, *parts[index + 1 :]]
    return None, parts


def _looks_like_name(word: str) -> bool:
    return bool(_NAME.match(word)) and not _PLACE.search(word) and 2 <= len(word) <= 30
