"""What the mapping wizard says to people."""

from typing import Final

from qingdan.core.message import Message, Words
from qingdan.intake.messages import UnreadableFile

CATALOGUE: Final[dict[str, tuple[Words, Words]]] = {
    "mapping.no_order_no": (
        Words("还没有选哪一列是订单号。", "No column has been chosen as the order number."),
        Words("每个订单靠订单号区分，请在表头里选一列“订单号”。", "Orders are told apart by it: choose one column."),
    ),
    "mapping.no_platform": (
        Words("还没有选平台，或没有选哪一列是平台。", "No platform has been chosen, nor a column that tells it."),
        Words(
            "请选择一个平台；每行平台不同时，请把那一列选为“平台”。",
            "Choose a platform; where rows differ, choose the column that names it.",
        ),
    ),
    "mapping.no_sheet": (
        Words("文件 {file} 里没有看到表格。", "File {file} holds no table."),
        Words("请确认表格有一行列名，下面至少有一行数据。", "It needs a row of column names and a row of data below."),
    ),
    "mapping.empty": (
        Words("按这样的对应，一个订单也没有读出来。", "Read like this, the file holds no order."),
        Words("请核对“订单号”选的列和表头所在的行。", "Check the column of the order number and the header's row."),
    ),
    "mapping.not_found": (
        Words("没有找到这份列映射。", "There is no such mapping."),
        Words("它可能已被同事删除，请刷新列表。", "A colleague may have deleted it: reload the list."),
    ),
    "mapping.name_taken": (
        Words("已经有一份叫“{name}”的列映射。", 'There is a mapping named "{name}" already.'),
        Words("请换一个名称，或先改那一份。", "Choose another name, or edit that one."),
    ),
    "mapping.header_taken": (
        Words("同样表头的列映射已经有了：“{name}”。", 'There is a mapping for the same header already: "{name}".'),
        Words("请到“已存映射”里修改或删除它。", "Edit or delete it in the list of saved mappings."),
    ),
    "mapping.bad_body": (
        Words("列映射的内容不完整或有误，没有保存。", "The mapping is incomplete or wrong and was not saved."),
        Words("请刷新页面后重做一遍。", "Reload the page and do it again."),
    ),
    "mapping.no_file": (
        Words("这次导入里没有这个文件，或它已过保存期。", "The import has no such file, or it is no longer kept."),
        Words("请重新上传该文件。", "Upload the file again."),
    ),
    "mapping.too_slow": (
        Words("文件太大，现场检查没能完成。", "The file is too large to be checked on the spot."),
        Words("请点“检查整个文件”，在后台进行。", "Check the whole file in the background."),
    ),
    "mapping.broken": (
        Words("读取文件 {file} 时程序出错，已停止。", "Reading file {file} failed and was stopped."),
        Words(
            "请把文件另存为 CSV 再试；仍不行请联系管理员。", "Save it as CSV and try again, or tell an administrator."
        ),
    ),
    "mapping.word_unknown": (
        Words("这个写法不能这样设置。", "This word can not be given that meaning."),
        Words("请从列表里选择它的含义。", "Choose its meaning from the list."),
    ),
    "mapping.no_check": (
        Words("没有找到这次检查。", "There is no such check."),
        Words("请重新检查。", "Check again."),
    ),
}


def said(what: str, /, **params: object) -> Message:
    """Message of the catalogue with its places filled."""
    words, advice = CATALOGUE[what]
    return Message(what, words, advice, params)


def refused(what: str, /, **params: object) -> UnreadableFile:
    """Refusal of a file or a draft, to be raised."""
    return UnreadableFile(said(what, **params))


OFFERED_LABELS: Final = {
    "status": Words("订单状态", "Order status"),
    "platform_text": Words("平台（每行不同时）", "Platform (where rows differ)"),
    "receiver_text": Words("收货信息合写（姓名+电话+地址）", "Receiver in one cell (name, phone, address)"),
    "address": Words("地址（可含省市区）", "Address (with or without region)"),
    "invoice_title": Words("发票抬头", "Invoice title"),
    "goods_title": Words("全部商品合写", "All goods in one cell"),
}
"""Names of columns that are not in the field catalogue, or that need a word more than it has."""
