"""Lists as workbooks: the template to be filled in, and the rows that were not taken."""

import tempfile
from collections.abc import Mapping, Sequence
from typing import IO, Final

import polars as pl

from qingdan.core.fields import FIELDS
from qingdan.core.message import Language, Words
from qingdan.customers.messages import row_message
from qingdan.customers.models import Kind
from qingdan.customers.reading import COLUMNS
from qingdan.orders import sheets

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


def template(kind: Kind, language: Language) -> IO[bytes]:
    """Return a workbook to be filled in, at its beginning: the columns of that list, and how to fill them."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
    names = [name for name in COLUMNS if name != "happened_on" or kind == Kind.RETURNS]
    heads = [COLUMNS[name].text(language) for name in names]
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
