"""Lists as tables: the template, and reading what people fill in. No database."""

import datetime as dt
import re
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

import polars as pl

from qingdan.channels.mapping import normal_name
from qingdan.core.fields import FIELDS
from qingdan.core.message import Language, Words
from qingdan.customers.messages import message, row_message
from qingdan.customers.models import Kind
from qingdan.intake import readers
from qingdan.intake.messages import UnreadableFile
from qingdan.intake.readers import ROW
from qingdan.orders import sheets

LIMIT: Final = 20 << 20
_BLOCK: Final = 8 << 20
_TITLES_SHOWN: Final = 12
_COLUMNS: Final = {
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
_HELP: Final = {
    "zh": (
        "每行一位客户：买家标识、手机号、订单号至少填一样，填得越多越容易对上。",
        "手机号只按完整号码匹配：打星号的和平台虚拟号对不上，请改填买家标识或订单号。",
        "平台可以不填；填了就只对这个平台的买家标识和订单号生效。可填：",
        "有效期可以不填，不填就一直有效。退货名单每一笔退货一行，必须有退货日期。",
    ),
    "en": (
        "One customer a row: fill in the buyer, the phone or an order number, better all of them.",
        "Phones match by their full number only: for masked and virtual ones give the buyer or an order number.",
        "The platform may be blank; else the buyer and the order number count on that platform only. Known:",
        "The date of expiry may be blank, which is for ever. A returns list has a row a return, each with its date.",
    ),
}


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


def template(kind: Kind, language: Language) -> IO[bytes]:
    """Return a workbook to be filled in, at its beginning: the columns of that list, and how to fill them."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
    names = [name for name in _COLUMNS if name != "happened_on" or kind == Kind.RETURNS]
    heads = [_COLUMNS[name].text(language) for name in names]
    channels = "、".join(v.zh if language == "zh" else v.en for v in FIELDS["channel"].values)
    told = [text + channels if number == 2 else text for number, text in enumerate(_HELP[language])]
    with sheets.workbook(file) as book:
        sheets.write_sheet(
            book, pl.DataFrame(schema=dict.fromkeys(heads, pl.String())), name=Words("名单", "List").text(language)
        )
        title = Words("怎么填", "How to fill this in").text(language)
        sheets.write_sheet(
            book, pl.DataFrame({title: told}), name=Words("说明", "Help").text(language), widths={title: 100}
        )
    file.seek(0)
    return file


def read(path: Path, kind: Kind, *, name: str) -> ListRead:
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
    texts: pl.DataFrame, titles: tuple[str, ...], columns: Mapping[str, int], kind: Kind, ragged: list[Refusal]
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


def line(given: Mapping[str, str], kind: Kind) -> Line | str:
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
        "no_date": kind == Kind.RETURNS and not isinstance(happened, dt.date),
    }
    problem = next((name for name, there in problems.items() if there), None)
    if problem is not None:
        return problem
    return Line(
        channel or "",
        buyer,
        phone,
        order_no,
        happened if isinstance(happened, dt.date) and kind == Kind.RETURNS else None,
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


def refused_sheet(titles: Sequence[str], refusals: Sequence[Mapping[str, object]], language: Language) -> IO[bytes]:
    """Return the refused rows as a workbook: as they were given, with why and what to do beside them."""
    why, advice, row = (
        Words("原因", "Reason").text(language),
        Words("怎么办", "What to do").text(language),
        Words("原行号", "Row").text(language),
    )
    table: list[dict[str, object]] = []
    for one in refusals:
        told = row_message(str(one["reason"]))
        cells = one["cells"]
        given = dict(zip(titles, cells if isinstance(cells, list) else [], strict=False))
        table.append({**given, why: told.text(language), advice: told.advice_text(language), row: one["row"]})
    schema = {**dict.fromkeys(titles, pl.String()), why: pl.String(), advice: pl.String(), row: pl.Int64()}
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
    sheets.write_xlsx(pl.DataFrame(table, schema=schema), file, widths={why: 40, advice: 40})
    file.seek(0)
    return file
