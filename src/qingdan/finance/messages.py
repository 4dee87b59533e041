"""What finance says to people about bills."""

from typing import Final

from qingdan.core.message import Message, Words

_CATALOGUE: Final[dict[str, tuple[Words, Words | None]]] = {
    "bill_empty": (
        Words("账单文件 {file} 是空的。", "Bill {file} is empty."),
        Words("请到支付后台重新下载。", "Download it again from the payment platform."),
    ),
    "bill_encoding": (
        Words("账单文件 {file} 的文字编码读不出来。", "The text encoding of bill {file} cannot be read."),
        Words("请上传下载到的原始文件，不要另存。", "Upload the file as it was downloaded, not a saved copy."),
    ),
    "bill_unknown": (
        Words(
            "{file} 不是认识的账单：表头和支付宝、微信支付、各平台的账单都对不上。",
            "{file} is no bill that we know: its header is not that of a bill of Alipay, WeChat Pay or a platform.",
        ),
        Words(
            "请上传账务明细、业务明细或交易账单的原始文件，不是汇总表。",
            "Upload the statement of details as it was downloaded, not the summary.",
        ),
    ),
    "bill_summary": (
        Words("{file} 是汇总表，没有逐笔明细。", "{file} is a summary without single entries."),
        Words("请上传同一个压缩包里的明细文件。", "Upload the file of details from the same archive."),
    ),
    "bill_count": (
        Words(
            "账单 {file} 不完整：文件末尾写着{what}共 {told} 笔，实际读到 {found} 笔。",
            "Bill {file} is incomplete: its end states {told} entries of {what}, but {found} were read.",
        ),
        Words(
            "请重新下载原始文件后上传；文件可能被截断或删过行。",
            "Download it again; rows may have been cut off or deleted.",
        ),
    ),
    "bill_sum": (
        Words(
            "账单 {file} 对不上：文件末尾写着{what}共 {told} 元，各笔相加是 {found} 元。",
            "Bill {file} does not add up: its end states {told} yuan of {what}, the entries add up to {found}.",
        ),
        Words(
            "请重新下载原始文件后上传；文件里的金额可能被改过。",
            "Download it again; amounts in the file may have been changed.",
        ),
    ),
    "bill_too_large": (
        Words("账单 {file} 超过 {limit} MB。", "Bill {file} is larger than {limit} MB."),
        Words("请按天或按周分开下载后上传。", "Download it by the day or week and upload the parts."),
    ),
    "bill_stopped": (
        Words(
            "账单 {file} 太大或太复杂，读取时被停止。",
            "Reading bill {file} was stopped: it is too large or too complex.",
        ),
        Words("请按天或按周分开下载后上传。", "Download it by the day or week and upload the parts."),
    ),
    "bill_broken": (
        Words(
            "账单 {file} 读取出错，没有导入任何账目。", "Reading bill {file} failed; none of its entries was taken in."
        ),
        Words("请把文件发给管理员。", "Give the file to an administrator."),
    ),
    "not_found": (Words("没有这笔支付核对或账单。", "There is no such payment or bill."), None),
    "not_locked": (
        Words("这份账单没有在等密码。", "This bill does not wait for a password."),
        Words("超过一天没有填密码的账单要重新上传。", "One that waited for more than a day is uploaded anew."),
    ),
    "moved": (
        Words("这笔差异刚刚变了，没有保存。", "This difference has just changed; nothing was saved."),
        Words("请看过最新的账目后再处理。", "Look at the latest entries and settle it then."),
    ),
    "note_missing": (
        Words("请写明怎么处理的。", "Say how it was settled."),
        Words("例如：已联系买家补款 20 元。", "For example: the buyer paid the remaining 20 yuan."),
    ),
    "row_cells": (
        Words("这一行的格数和表头对不上。", "The cells of this row do not fit the header."),
        Words("请对照原始账单检查这一行。", "Compare the row with the original bill."),
    ),
    "row_amount": (
        Words("金额“{value}”不是数字。", "Amount “{value}” is not a number."),
        Words("请对照原始账单改正金额。", "Correct the amount from the original bill."),
    ),
    "row_time": (
        Words("时间“{value}”读不出来。", "Time “{value}” cannot be read."),
        Words("请改成 2026-11-12 10:00:00 这样的写法。", "Write it like 2026-11-12 10:00:00."),
    ),
    "row_id": (
        Words(
            "流水号或订单号“{value}”被表格软件改成了科学计数法，尾数已丢失。",
            "Number “{value}” was turned into scientific notation by a spreadsheet; its tail is lost.",
        ),
        Words("请重新下载原始文件后上传，不要用表格软件另存。", "Upload the file as downloaded, not a saved copy."),
    ),
}

WHAT: Final[dict[str, Words]] = {
    "income": Words("收入", "income"),
    "expense": Words("支出", "expense"),
    "payment": Words("交易", "payments"),
    "refund": Words("退款", "refunds"),
    "refunded": Words("退款", "refunds"),
    "paid": Words("订单金额", "order amounts"),
    "fee": Words("手续费", "fees"),
    "count": Words("交易", "entries"),
}


class UnreadableBill(ValueError):  # noqa: N818 - what it says, as intake's UnreadableFile
    """A bill that can not be taken; ``message`` says why and what to do."""

    def __init__(self, said: Message) -> None:
        super().__init__(said.text("en"))
        self.message = said


def message(name: str, **params: object) -> Message:
    """Return one message of the catalogue with its places filled."""
    words, advice = _CATALOGUE[name]
    return Message(f"finance.{name}", words, advice, params)


REVIEWED: Final = Words("因支付账单核对为“{state}”，重新审核", "Reviewed anew: bills say “{state}” of the payment")
