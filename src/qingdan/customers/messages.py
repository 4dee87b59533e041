"""What the room of customer lists says to people."""

from typing import Final

from qingdan.core.message import Message, Words

LISTS: Final[dict[str, Words]] = {
    "vip": Words("VIP名单", "VIP list"),
    "key_account": Words("大客户名单", "Key-account list"),
    "blacklist": Words("黑名单", "Blacklist"),
    "returns": Words("退货退款名单", "Returns list"),
}
REVIEWED: Final = Words("因客户名单“{list}”更新，重新审核", 'Reviewed anew: customer list "{list}" changed')

_ROW: Final[dict[str, tuple[Words, Words]]] = {
    "no_identity": (
        Words(
            "这一行没有买家标识、手机号，也没有订单号。", "This row has no buyer, no phone number and no order number."
        ),
        Words("三样里至少填一样。", "Fill in at least one of the three."),
    ),
    "masked": (
        Words(
            "手机号或买家标识打了星号，或是带分机的虚拟号，认不出是谁。",
            "The phone number or buyer is masked, or a virtual number with an extension; it names nobody.",
        ),
        Words(
            "请填完整的号码；没有完整号码时，改填买家标识或订单号。",
            "Fill in the full number; without it, the buyer or an order number.",
        ),
    ),
    "bad_phone": (
        Words("这不是电话号码。", "This is no phone number."),
        Words("请填 11 位手机号，或带区号的座机号。", "Fill in a mobile number, or a landline with its area code."),
    ),
    "bad_channel": (
        Words("不认识这个平台。", "This platform is not known."),
        Words(
            "请照模板“说明”页里的平台名填写，或留空。", "Use a platform's name from the template, or leave it blank."
        ),
    ),
    "bad_date": (
        Words("这不是日期。", "This is no date."),
        Words("请写成 2026-11-22 这样。", "Write it like 2026-11-22."),
    ),
    "no_date": (
        Words("这一行没有退货日期，不知道算不算近 30 天。", "This row has no date, so it can not be counted."),
        Words("请填退货或退款的日期。", "Fill in the date of the return or refund."),
    ),
    "ragged": (
        Words(
            "这一行的格数和表头对不上，内容已经错位。",
            "This row does not have as many cells as the header; it is shifted.",
        ),
        Words("多半是逗号或引号造成的，请改正这一行。", "A comma or a quote is the usual cause; correct the row."),
    ),
    "damaged_id": (
        Words(
            "订单号被表格软件改成了科学计数法，后几位已经丢失。",
            "The order number lost its last digits in a spreadsheet.",
        ),
        Words("请把这一列设成文本格式，重新填写。", "Make the column a text column and fill it in again."),
    ),
}
_FILE: Final[dict[str, tuple[Words, Words]]] = {
    "customers.no_header": (
        Words(
            "没有在文件 {file} 里找到名单的表头。看到的列：{columns}。",
            "No header of a list was found in file {file}. Columns seen: {columns}.",
        ),
        Words(
            "至少要有“买家标识”“手机号”“订单号”中的一列。可以先下载模板，把名单粘贴进去。",
            "It needs a column for the buyer, the phone or the order number. Download the template and paste the list.",
        ),
    ),
    "customers.too_large": (
        Words("名单 {file} 太大（上限 {limit} MB）。", "List {file} is too large (limit {limit} MB)."),
        Words("请拆成几个文件，用“追加”分几次上传。", 'Split it and upload the parts with "add".'),
    ),
    "customers.stopped": (
        Words(
            "名单 {file} 占用的内存或时间太多，没有读取。", "List {file} took too much memory or time and was not read."
        ),
        Words("请把名单复制到模板里，另存为新文件后再上传。", "Paste the list into the template and upload that file."),
    ),
    "customers.broken": (
        Words("名单 {file} 读取出错，没有改动任何名单。", "List {file} could not be read; no list was changed."),
        Words("请把文件发给管理员。", "Give the file to an administrator."),
    ),
    "customers.nothing": (
        Words("名单 {file} 里没有一行能用。", "No row of list {file} can be used."),
        Words("请看下面每一行的原因，改好再上传。", "See the reason of each row, correct them and upload again."),
    ),
    "customers.not_found": (
        Words("没有找到这一条，可能已被别人移除。", "There is no such line; somebody may have removed it."),
        Words("请刷新页面。", "Reload the page."),
    ),
    "customers.known": (
        Words("名单里已经有这一条。", "The list has this line already."),
        Words("不用再加。", "There is no need to add it."),
    ),
}


def row_message(name: str) -> Message:
    """Why a row was refused."""
    words, advice = _ROW[name]
    return Message(name, words, advice)


def message(name: str, **params: object) -> Message:
    """Why a file or a request was refused."""
    words, advice = _FILE[name]
    return Message(name, words, advice, params)
