"""What the web server itself says, as opposed to the rooms behind it."""

from typing import Final

from qingdan.core.message import Message, Words

NOT_LOGGED_IN: Final = Message(
    "not_logged_in",
    Words("您还没有登录，或登录已过期。", "You are not logged in, or your session has ended."),
    Words("请重新登录。", "Log in again."),
)
NOT_FOUND: Final = Message(
    "not_found",
    Words("没有找到这条内容。", "There is nothing here."),
    Words(
        "它可能已被删除，或不属于您的商家；请返回列表重新打开。",
        "It may be gone or not yours; open it from its list.",
    ),
)
BAD_REQUEST: Final = Message(
    "bad_request",
    Words("服务器读不懂这个请求。", "The server can not read this request."),
    Words("请刷新页面后再试。", "Reload the page and try again."),
)
BAD_VALUES: Final = Message(
    "bad_values",
    Words("有内容填写不正确。", "Some values are not right."),
    Words("请按提示修改后再提交。", "Correct what is marked and send it again."),
)
TOO_LARGE: Final = Message(
    "too_large",
    Words("上传的内容太大。", "What was sent is too large."),
    Words("请把文件拆小后分批上传。", "Split the file and upload it in parts."),
)
DATABASE_AWAY: Final = Message(
    "database_away",
    Words("数据库暂时连接不上，这次操作没有保存。", "The database can not be reached; nothing was saved."),
    Words(
        "请稍等几秒再试；若一直如此，请联系管理员。",
        "Try again in a few seconds; if it stays so, ask an administrator.",
    ),
)


def too_many_files(limit: int) -> Message:
    """Say how many files one drop may hold."""
    return Message(
        "too_many_files",
        Words("一次最多上传 {limit} 个文件。", "At most {limit} files can be uploaded at once."),
        Words("请分几次上传。", "Upload them in several goes."),
        {"limit": limit},
    )


def server_error(incident: str) -> Message:
    """Say that the server failed, with the id under which the log tells more."""
    return Message(
        "server_error",
        Words("服务器出错了，错误编号 {incident}。", "The server failed; incident {incident}."),
        Words(
            "请稍后再试；若再次出现，请把错误编号发给管理员。",
            "Try again later; if it happens again, give the incident number to an administrator.",
        ),
        {"incident": incident},
    )
