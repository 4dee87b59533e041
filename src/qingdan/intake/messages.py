"""What intake says to people: why a file or a row was refused, and what it noticed on the way."""

from typing import Final

from qingdan.core.message import Message, Words

_Catalogue = dict[str, tuple[Words, Words]]

FILE: Final[_Catalogue] = {
    "file_empty": (
        Words("文件 {file} 是空的。", "File {file} is empty."),
        Words("请到平台后台重新导出后再上传。", "Export it again from the platform and upload that file."),
    ),
    "file_missing": (
        Words("找不到文件 {file}。", "File {file} was not found."),
        Words("请检查文件名和所在文件夹。", "Check the name and the folder."),
    ),
    "file_too_large": (
        Words(
            "文件 {file} 太大（{size} MB，上限 {limit} MB）。",
            "File {file} is too large ({size} MB, limit {limit} MB).",
        ),
        Words("请按日期分几次导出，每个文件小一些。", "Export fewer days at a time."),
    ),
    "file_unknown_kind": (
        Words(
            "文件 {file} 不是 CSV 或 Excel 表格，无法读取。",
            "File {file} is neither CSV nor an Excel workbook and can not be read.",
        ),
        Words(
            "请上传平台后台导出的原始 CSV 或 XLSX 文件，不要改扩展名。",
            "Upload the CSV or XLSX file as the platform exported it; do not change its extension.",
        ),
    ),
    "line_too_long": (
        Words(
            "文件 {file} 里有一行长得不正常（超过 32 MB），不是正常的订单表。",
            "File {file} has a line of abnormal length (over 32 MB) and is no proper order table.",
        ),
        Words("请到平台后台重新导出后上传原始文件。", "Export it again and upload the original file."),
    ),
    "too_many_columns": (
        Words(
            "文件 {file} 有 {columns} 列，超过上限 {limit} 列，没有读取。",
            "File {file} has {columns} columns, more than the {limit} allowed, and was not read.",
        ),
        Words("请到平台后台重新导出后上传原始文件。", "Export it again and upload the original file."),
    ),
    "file_too_heavy": (
        Words(
            "读取文件 {file} 要用的内存超过了上限，已停止读取。",
            "Reading file {file} took more memory than allowed and was stopped.",
        ),
        Words(
            "请按日期分几次导出，或另存为 CSV 后上传；如果文件不是平台导出的，请不要上传。",
            "Export fewer days at a time or save it as CSV; do not upload files that no platform made.",
        ),
    ),
    "file_too_slow": (
        Words(
            "读取文件 {file} 的时间超过了上限，已停止读取。",
            "Reading file {file} took longer than allowed and was stopped.",
        ),
        Words("请按日期分几次导出，每个文件小一些，再上传。", "Export fewer days at a time and upload again."),
    ),
    "file_crashed": (
        Words(
            "文件 {file} 让读取程序意外退出，没有读取。",
            "File {file} made the reading program end unexpectedly and was not read.",
        ),
        Words(
            "请到平台后台重新导出后上传原始文件；若再次出现，请把文件发给管理员。",
            "Export it again and upload the original file; if it happens again, give the file to an administrator.",
        ),
    ),
    "drop_too_heavy": (
        Words(
            "这批文件放在一起太大，处理时内存超过了上限，已停止。",
            "These files are too large together; deciding on them took more memory than allowed and was stopped.",
        ),
        Words("请分几次上传。", "Upload them in several goes."),
    ),
    "drop_too_slow": (
        Words(
            "这批文件处理的时间超过了上限，已停止。",
            "Deciding on these files took longer than allowed and was stopped.",
        ),
        Words("请分几次上传。", "Upload them in several goes."),
    ),
    "drop_crashed": (
        Words("处理这批文件的程序意外退出。", "The program that decides on these files ended unexpectedly."),
        Words(
            "可以点“重试”；若再次出现，请分几次上传，或把文件发给管理员。",
            "Try again; if it happens again, upload in several goes or give the files to an administrator.",
        ),
    ),
    "import_gave_up": (
        Words(
            "这次导入试了 {count} 次都中途断掉（程序被强行结束或机器内存不足），不再自动重试。",
            "This import broke off {count} times (the program was killed or the machine ran out of memory) and is "
            "not tried again by itself.",
        ),
        Words(
            "已写入的订单有效。请分几次上传较小的文件，或请管理员检查机器内存后点“重试”。",
            "Orders stored so far are valid. Upload smaller files, or have the machine's memory looked at and "
            "try again.",
        ),
    ),
    "file_archive": (
        Words("文件 {file} 是压缩包。", "File {file} is an archive."),
        Words("请先解压，再上传里面的表格文件。", "Unpack it first and upload the tables inside."),
    ),
    "archive_empty": (
        Words("压缩包 {file} 里没有 CSV 或 Excel 表格。", "Archive {file} holds no CSV file and no workbook."),
        Words("请核对是不是下载错了文件，再上传。", "Check whether it is the right download and upload again."),
    ),
    "archive_deep": (
        Words(
            "{file} 是套了三层以上的压缩包，没有打开。",
            "{file} is an archive inside an archive inside an archive and was not opened.",
        ),
        Words("请先解压外面的一层，再上传。", "Unpack the outer archive first and upload what is inside."),
    ),
    "archive_kind": (
        Words(
            "文件 {file} 是 RAR 或 7z 压缩包，无法打开。", "File {file} is a RAR or 7z archive and can not be opened."
        ),
        Words("请解压后上传里面的表格，或改用 zip 压缩。", "Unpack it and upload the tables, or pack them as zip."),
    ),
    "archive_method": (
        Words(
            "文件 {file} 用了不支持的压缩或加密方式。",
            "File {file} is packed or encrypted in a way that is not supported.",
        ),
        Words(
            "请在电脑上用密码打开，另存为不加密的文件后上传。",
            "Open it with its password, save it without one, and upload that.",
        ),
    ),
    "file_encrypted": (
        Words("文件 {file} 设有打开密码。", "File {file} is protected by a password."),
        Words(
            "请填写平台另外发来的密码（见短信、站内信或下载页）：在导入页面填在这个文件下面，命令行导入加 --password。",
            "Give the password that the platform sent separately (text message, inbox or download page): on the import "
            "page below the file, on the command line with --password.",
        ),
    ),
    "password_wrong": (
        Words("文件 {file} 的密码不对。", "That is not the password of file {file}."),
        Words(
            "请核对平台发来的密码，注意大小写和前后空格，再输入一次。每次导出的密码通常不同。",
            "Compare it with what the platform sent, capitals and spaces included, and enter it again. "
            "Each export usually has a password of its own.",
        ),
    ),
    "file_damaged": (
        Words("文件 {file} 已损坏或没有下载完整。", "File {file} is damaged or was not downloaded completely."),
        Words("请到平台后台重新下载后再上传。", "Download it again from the platform and upload that file."),
    ),
    "file_has_nul": (
        Words(
            "文件 {file} 含有不可见的空字符，不是正常的文本表格。",
            "File {file} holds NUL characters and is no proper text table.",
        ),
        Words(
            "请到平台后台重新导出，不要用其他软件转换。", "Export it again and do not convert it with other software."
        ),
    ),
    "file_encoding": (
        Words(
            "文件 {file} 的文字编码无法识别（既不是 UTF-8，也不是 GBK/GB18030）。",
            "The text encoding of file {file} is unknown (neither UTF-8 nor GBK/GB18030).",
        ),
        Words(
            "文件可能被拼接过或没下完整，请到平台后台重新导出。",
            "The file may be cut off or glued together; export it again from the platform.",
        ),
    ),
    "file_unsafe": (
        Words("为安全起见，没有打开文件 {file}：{detail}。", "File {file} was not opened for safety: {detail_en}."),
        Words(
            "平台导出的文件不会这样。请到平台后台重新导出后上传原始文件。",
            "Platform exports are never like this. Export it again and upload the original file.",
        ),
    ),
    "unknown_layout": (
        Words(
            "没有认出文件 {file} 的表头，不知道它是哪个平台的订单表。看到的列：{columns}。",
            "The header of file {file} was not recognised as any platform's order table. Columns seen: {columns}.",
        ),
        Words(
            "请导出“订单列表/订单明细”报表，不要改表头文字；自己做的表格请主管用映射向导读取。",
            "Export the order list or order detail report and do not rename headers; a table of your own can be read "
            "with the mapping wizard.",
        ),
    ),
}

ROW: Final[_Catalogue] = {
    "missing_order_no": (
        Words("这一行没有订单号。", "This row has no order number."),
        Words("请在表格里补上订单号，或到平台后台重新导出。", "Add the order number or export again."),
    ),
    "damaged_id": (
        Words(
            "编号被电子表格软件改成了科学计数法，后几位已经丢失。",
            "A spreadsheet program turned the number into scientific notation; its last digits are lost.",
        ),
        Words(
            "请到平台后台重新导出并直接上传原文件，不要先用 Excel/WPS 打开保存。",
            "Export again and upload the original file without opening and saving it in a spreadsheet program.",
        ),
    ),
    "bad_order_no": (
        Words("订单号里有不该有的文字。", "The order number holds text that does not belong there."),
        Words(
            "请核对这一行是否错位，改正后重新上传。", "Check whether the row is shifted, correct it and upload again."
        ),
    ),
    "ragged_row": (
        Words(
            "这一行有 {cells} 格，表头有 {expected} 列，内容已经错位。",
            "This row has {cells} cells, the header has {expected}; its contents are shifted.",
        ),
        Words(
            "多半是备注里的逗号或引号造成的：请在平台后台重新导出，或改正这一行后再上传。",
            "A comma or quote inside a note is the usual cause: export again, or correct the row and upload it.",
        ),
    ),
    "unknown_platform": (
        Words(
            "看不出这一行是哪个平台的订单：店铺名里没有平台名称，或有不止一个。",
            "This row does not tell its platform: the shop's name holds no platform's name, or more than one.",
        ),
        Words(
            "请在文件的店铺名里写上一个平台（如“某某旗舰店（天猫）”）后重新上传，或改传平台后台导出的订单表。",
            'Name one platform in the shop column, such as "Demo store (Tmall)", and upload again, '
            "or upload the platform's own export.",
        ),
    ),
    "order_dimension": (
        Words(
            "这一行把多件商品用分号写在一格里，数量对不上，无法拆成明细。",
            "This row joins several goods with semicolons and the quantity does not allow splitting them.",
        ),
        Words(
            "请在抖店导出时选择“商品单维度（子订单）”报表，再上传。",
            "Choose the sub-order (product order) report when exporting from Douyin and upload that.",
        ),
    ),
}

NOTICE: Final[_Catalogue] = {
    "unknown_words": (
        Words(
            "“{column}”里有不认识的写法：{words}。这些订单会留给人工判断。",
            'Column "{column}" has words not known here: {words}. Those orders are left to a person.',
        ),
        Words(
            "如果是平台的新状态，请告诉管理员补进词表。",
            "If the platform made a new word, have it added to the word list.",
        ),
    ),
    "bad_money": (
        Words(
            "“{column}”有 {count} 格不是金额，已留空（第 {rows} 行）。",
            'Column "{column}" has {count} cells that are no amount; they were left empty (rows {rows}).',
        ),
        Words("请核对这些行的金额。", "Check the amounts of these rows."),
    ),
    "bad_time": (
        Words(
            "“{column}”有 {count} 格不是时间，已留空（第 {rows} 行）。",
            'Column "{column}" has {count} cells that are no time; they were left empty (rows {rows}).',
        ),
        Words("请核对这些行的时间。", "Check the times of these rows."),
    ),
    "bad_number": (
        Words(
            "“{column}”有 {count} 格不是整数，已留空（第 {rows} 行）。",
            'Column "{column}" has {count} cells that are no whole number; they were left empty (rows {rows}).',
        ),
        Words("请核对这些行的数量。", "Check the numbers of these rows."),
    ),
    "damaged_cells": (
        Words(
            "“{column}”有 {count} 格被改成了科学计数法，已留空（第 {rows} 行）。",
            'Column "{column}" has {count} cells in scientific notation; they were left empty (rows {rows}).',
        ),
        Words(
            "需要这些编号时，请到平台后台重新导出并直接上传。",
            "If these numbers are needed, export again and upload without opening the file first.",
        ),
    ),
    "no_receiver_columns": (
        Words(
            "这份导出没有收货人和地址列，订单按“收货信息脱敏”处理。",
            "This export has no receiver and address columns; its orders count as masked.",
        ),
        Words("导出时勾选收货信息，或用平台接口取数。", "Tick the receiver columns when exporting."),
    ),
    "no_address_column": (
        Words(
            "这份导出没有详细地址列，订单按“收货信息脱敏”处理。",
            "This export has no detailed address column; its orders count as masked.",
        ),
        Words("导出时勾选详细地址。", "Tick the detailed address when exporting."),
    ),
    "no_column": (
        Words(
            "这份导出没有“{label}”列，相关的检查无法判断，订单会留给人工。",
            'This export has no "{label_en}" column; checks on it can not be decided and orders are left to people.',
        ),
        Words("导出时勾选这一列。", "Tick that column when exporting."),
    ),
    "joined_goods": (
        Words(
            "有 {count} 个订单的商品合写成一段文字，没有编码和各自的数量，仓库无法照它配货。",
            "{count} orders have all their goods in one text without codes or quantities; no warehouse can pick by it.",
        ),
        Words(
            "请同时上传同一时间段的商品明细报表（商品维度）。", "Upload the goods report of the same period as well."
        ),
    ),
    "orders_known_from_platform": (
        Words(
            "有 {count} 个订单平台导出和 ERP 导出里都有，以平台导出为准。",
            "{count} orders stand in both a platform's export and the ERP's; the platform's counts.",
        ),
        Words("不用处理。", "Nothing needs doing."),
    ),
    "conflicting_amounts": (
        Words(
            "有 {count} 个订单在不同行上的“{label}”不一致，取第一行的值（如 {orders}）。",
            '{count} orders carry different values of "{label_en}" on their rows; the first was taken (e.g. {orders}).',
        ),
        Words("请核对这些订单的金额。", "Check the amounts of these orders."),
    ),
    "repeated_orders": (
        Words(
            "有 {count} 个订单重复出现，以最后一次的内容为准。",
            "{count} orders appear more than once; the last appearance counts.",
        ),
        Words("不用处理。", "Nothing needs doing."),
    ),
    "orders_missing_for_lines": (
        Words(
            "有 {count} 个订单只有商品明细，没有订单行。",
            "{count} orders have goods lines only and no order row.",
        ),
        Words("请同时上传同一时间段的订单报表。", "Upload the order list of the same period as well."),
    ),
    "rows_skipped": (
        Words(
            "跳过了 {count} 行说明、合计或重复表头。",
            "{count} rows of comments, totals or repeated headers were skipped.",
        ),
        Words("不用处理。", "Nothing needs doing."),
    ),
    "sheets_skipped": (
        Words("工作表 {sheets} 不是订单表，已跳过。", "Sheets {sheets} are no order tables and were skipped."),
        Words("不用处理。", "Nothing needs doing."),
    ),
}

CATALOGUE: Final[_Catalogue] = {**FILE, **ROW, **NOTICE}


def message(name: str, **params: object) -> Message:
    """Message of the catalogue with its places filled; raises ``KeyError`` for an id that is not there."""
    words, advice = CATALOGUE[name]
    return Message(name, words, advice, params)


class UnreadableFile(Exception):  # noqa: N818 - a state of the file, not a fault of ours
    """A file that can not be read at all; ``message`` says why and what to do."""

    def __init__(self, told: Message) -> None:
        super().__init__(told.text("en"))
        self.message = told
