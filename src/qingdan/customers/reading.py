"""Reading lists that people fill in, in the limited child process or wherever else. No Django, no database."""

import datetime as dt
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import polars as pl

from qingdan.channels.mapping import normal_name
from qingdan.core.fields import FIELDS
from qingdan.core.message import Words
from qingdan.customers.messages import message
from qingdan.intake import readers
from qingdan.intake.messages import UnreadableFile
from qingdan.intake.readers import ROW

TASK: Final = "customer_list"
ANSWER: Final = "list.json"
LIMIT: Final = 20 << 20
_BLOCK: Final = 8 << 20
_RETURNS: Final = "returns"
_TITLES_SHOWN: Final = 12
COLUMNS: Final = {
    "channel": Words("平台", "Platform"),
    "buyer": Words("买家标识", "Buyer"),
    "phone": Words("手机号", "Phone"),
    "order_no": Words("订单号", "Order number"),
    "happened_on": Words("退货日期", "Return date"),
    "expires_on": Words("有效期至", "Valid until"),
    "note": Words("备注", "Note"),
}
_SYNONYMS: Final = {
    "channel": "平台 渠道 来源平台 店铺平台 platform channel",
    "buyer": "买家标识 买家账号 买家帐号 买家会员名 买家昵称 买家id 会员名 会员账号 旺旺 旺旺号 用户id "
    "用户名 下单帐号 下单账号 客户账号 客户 buyer buyerid buyertoken account",
    "phone": "手机号 手机号码 手机 电话 电话号码 联系电话 联系手机 联系方式 收货电话 "
    "收件人手机号 收件人手机 收货人手机 phone mobile tel",
    "order_no": "订单号 订单编号 主订单编号 原订单号 平台订单号 交易编号 orderno ordernumber order",
    "happened_on": "退货日期 退款日期 退货时间 退款时间 申请时间 完结时间 日期 时间 returndate date",
    "expires_on": "有效期至 有效期 到期日 到期日期 到期时间 失效日期 截止日期 expires expireson validuntil",
    "note": "备注 原因 说明 等级 退货原因 note reason remark",
}
"""Headings by which a column is known, as ``normal_name`` writes them."""
_KNOWN: Final = {normal_name(title): name for name, titles in _SYNONYMS.items() for title in titles.split()}
_IDENTITY: Final = ("buyer", "phone", "order_no")
_WRAPPING: Final = "\t\r\n \u3000\u00a0'`=\""
_EMPTY: Final = frozenset({"", "-", "--", "—", "/", "无", "null", "none", "nan"})
_DAMAGED: Final = r"^[+-]?\d(?:\.\d+)?[Ee]\+?\d{2}$"
_HIDDEN: Final = r"\*|^##|^\$\$|转|[-,，]\d{3,6}$"
_LANDLINE: Final = r"^0[0-9]{2,3}-[0-9]{7,8}$"
_COUNTRY: Final = r"^\+?86[-\s]?"
_FILLING: Final = r"[\s\-()（）]"
_PHONE: Final = r"^(?:1[3-9][0-9]{9}|0[0-9]{9,11}|400[0-9]{7})$"
_DATES: Final = ("%Y-%m-%d", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y%m%d")
_SERIAL_FIRST: Final = dt.date(1899, 12, 30)


@dataclass(frozen=True, slots=True)
class Line:
    """One sound row of a list; a blank says nothing. ``phone`` is digits only."""

    channel: str = ""
    buyer: str = ""
    phone: str = ""
    order_no: str = ""
    happened_on: dt.date | None = None
    expires_on: dt.date | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row that was not taken: where it stands, its cells as given, and why (an id of ``messages``)."""

    row: int
    cells: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class ListRead:
    """What a file held; ``titles`` are its columns."""

    titles: tuple[str, ...]
    lines: tuple[Line, ...]
    refusals: tuple[Refusal, ...]


def work(order: Mapping[str, Any], tell: Callable[[Mapping[str, Any]], None]) -> None:  # noqa: ARG001 - as tasks are called
    """Read the list of a work order (``path``, ``name``, ``kind``) and leave it as ``ANSWER`` in its folder."""
    found = read(Path(order["path"]), order["kind"], name=order["name"])
    answer = json.dumps(asdict(found), ensure_ascii=False, default=dt.date.isoformat)
    (Path(order["folder"]) / ANSWER).write_text(answer, encoding="utf-8")


def answered(folder: Path) -> ListRead:
    """Return the list that ``work`` left in a folder."""
    told = json.loads((folder / ANSWER).read_text(encoding="utf-8"))
    dates = ("happened_on", "expires_on")
    lines = [
        {**one, **{name: dt.date.fromisoformat(one[name]) for name in dates if one[name]}} for one in told["lines"]
    ]
    refusals = (Refusal(one["row"], tuple(one["cells"]), one["reason"]) for one in told["refusals"])
    return ListRead(tuple(told["titles"]), tuple(Line(**one) for one in lines), tuple(refusals))


def read(path: Path, kind: str, *, name: str) -> ListRead:
    """Read an uploaded list; raises ``UnreadableFile`` with what to do."""
    if path.stat().st_size > LIMIT:
        raise UnreadableFile(message("customers.too_large", file=name, limit=LIMIT >> 20))
    opened = readers.open_file(path, name)
    for sheet in opened.sheets:
        found = _header(sheet.head)
        if found is not None:
            row, columns = found
            titles = tuple(title.strip() for title in sheet.head[row])
            bodies = [body() for body in sheet.bodies(row, range(len(titles)), size=_BLOCK)]
            frames = [body.frame for body in bodies]
            ragged = [Refusal(one.row, one.cells, "ragged") for body in bodies for one in body.ragged]
            texts = pl.concat(frames) if frames else pl.DataFrame()
            return _read(texts, titles, columns, kind, ragged)
    seen = max((row for sheet in opened.sheets for row in sheet.head), key=len, default=())
    columns_seen = "、".join(title.strip() for title in list(seen)[:_TITLES_SHOWN] if title.strip()) or "—"
    raise UnreadableFile(message("customers.no_header", file=name, columns=columns_seen))


def _header(head: Sequence[Sequence[str]]) -> tuple[int, dict[str, int]] | None:
    for row, cells in enumerate(head):
        found: dict[str, int] = {}
        for position, title in enumerate(cells):
            name = _KNOWN.get(normal_name(title.strip("*＊")))
            if name is not None:
                found.setdefault(name, position)
        if any(name in found for name in _IDENTITY):
            return row, found
    return None


def _read(
    texts: pl.DataFrame, titles: tuple[str, ...], columns: Mapping[str, int], kind: str, ragged: list[Refusal]
) -> ListRead:
    lines, refusals = [], list(ragged)
    for cells in texts.iter_rows(named=True):
        given = {name: _plain(cells[str(place)]) for name, place in columns.items()}
        if not any(given.values()):
            continue
        taken = line(given, kind)
        if isinstance(taken, Line):
            lines.append(taken)
        else:
            shown = tuple(cells[str(place)] or "" for place in range(len(titles)))
            refusals.append(Refusal(int(cells[ROW]), shown, taken))
    return ListRead(titles, tuple(dict.fromkeys(lines)), tuple(refusals))


def _plain(text: str | None) -> str:
    plain = (text or "").strip(_WRAPPING)
    return "" if plain.lower() in _EMPTY else plain


def line(given: Mapping[str, str], kind: str) -> Line | str:
    """Return one row of a list, or the id of what is wrong with it."""
    channel = _channel(given.get("channel", ""))
    order_no, buyer = given.get("order_no", ""), given.get("buyer", "")
    phone, wrong = phone_of(given.get("phone", ""))
    if "*" in buyer or buyer.startswith(("##", "$$")):
        buyer, wrong = "", wrong or "masked"
    happened, expires = _date(given.get("happened_on", "")), _date(given.get("expires_on", ""))
    problems = {
        "bad_channel": channel is None,
        "damaged_id": re.search(_DAMAGED, order_no) is not None,
        wrong or "no_identity": not (buyer or phone or order_no),
        "bad_date": happened is None or expires is None,
        "no_date": kind == _RETURNS and not isinstance(happened, dt.date),
    }
    problem = next((name for name, there in problems.items() if there), None)
    if problem is not None:
        return problem
    return Line(
        channel or "",
        buyer,
        phone,
        order_no,
        happened if isinstance(happened, dt.date) and kind == _RETURNS else None,
        expires if isinstance(expires, dt.date) else None,
        given.get("note", "")[:200],
    )


def phone_of(text: str) -> tuple[str, str]:
    """Digits of a full phone number, and else the id of what is wrong with it; both empty for a blank."""
    if not text:
        return "", ""
    if re.search(_HIDDEN, text) and not re.search(_LANDLINE, text):
        return "", "masked"
    bare = re.sub(_FILLING, "", re.sub(_COUNTRY, "", text))
    return (bare, "") if re.search(_PHONE, bare) else ("", "bad_phone")


def hidden(phone: pl.Expr) -> pl.Expr:
    """Whether a phone number is masked, or virtual with an extension."""
    return phone.str.contains(_HIDDEN) & ~phone.str.contains(_LANDLINE)


def digits(phone: pl.Expr) -> pl.Expr:
    """Return the digits of a full phone number; null for any other text."""
    bare = phone.str.replace(_COUNTRY, "").str.replace_all(_FILLING, "")
    return pl.when(~hidden(phone) & bare.str.contains(_PHONE)).then(bare)


def _channel(text: str) -> str | None:
    """Id of a platform by any of its names; empty for a blank, None when it is not known."""
    if not text:
        return ""
    names = {normal_name(n): v.id for v in FIELDS["channel"].values for n in (v.id, v.zh, v.en)}
    wanted = normal_name(text)
    return names.get(wanted) or next((i for n, i in names.items() if wanted in n and len(wanted) > 1), None)


def _date(text: str) -> dt.date | str | None:
    """Return a date, an empty text for a blank, or None when it is no date."""
    if not text:
        return ""
    plain = text.replace("/", "-").replace(".", "-").replace("年", "-").replace("月", "-").replace("日", "").strip()
    if text.isdigit() and len(text) == 5:
        return _SERIAL_FIRST + dt.timedelta(days=int(text))
    for form in _DATES:
        try:
            return dt.datetime.strptime(plain, form).date()  # noqa: DTZ007 - a day without a clock
        except ValueError:
            continue
    return None
