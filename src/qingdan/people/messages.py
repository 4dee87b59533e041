"""What Qingdan says about people, logins and rights."""

from typing import Final

from qingdan.core.message import Message, Words

LOGIN_REFUSED: Final = Message(
    "login_refused",
    Words("登录名或密码不对。", "The login or the password is wrong."),
    Words(
        "请检查大小写和输入法后重试；忘记密码请找管理员重设。",
        "Check capitals and the input method and try again; an administrator can set a new password.",
    ),
)

NO_SUCH_VIEW: Final = Message(
    "view_unknown",
    Words("没有这个视图，或它不是您保存的。", "There is no such view, or it is not yours."),
    Words("请刷新页面查看现有的视图。", "Reload the page to see the views there are."),
)

CROSS_SITE: Final = Message(
    "cross_site",
    Words("页面的安全令牌已失效，这次操作没有执行。", "The page's security token has expired; nothing was done."),
    Words("请刷新页面后再试。", "Reload the page and try again."),
)


def too_many_attempts(minutes: int) -> Message:
    """Say that a login is locked for ``minutes``."""
    return Message(
        "too_many_attempts",
        Words("登录失败次数过多，已暂时锁定。", "Too many failed attempts; this login is locked for the moment."),
        Words(
            "请 {minutes} 分钟后再试，或找管理员重设密码。",
            "Try again in {minutes} minutes or ask an administrator.",
        ),
        {"minutes": minutes},
    )


def weak_password(reasons: str) -> Message:
    """Say why a password was refused."""
    return Message(
        "weak_password",
        Words("密码不符合要求：{reasons}", "The password is not good enough: {reasons}"),
        Words("请换一个至少 10 个字符、不常见的密码。", "Choose at least 10 characters that are not common."),
        {"reasons": reasons},
    )


def login_taken(login: str) -> Message:
    """Say that a login is in use."""
    return Message(
        "login_taken",
        Words("登录名“{login}”已有人使用。", "The login “{login}” is in use."),
        Words("请换一个登录名。", "Choose another."),
        {"login": login},
    )


def no_such_user(login: str) -> Message:
    """Say that nobody has a login."""
    return Message(
        "user_unknown",
        Words("没有登录名为“{login}”的用户。", "Nobody has the login “{login}”."),
        Words("用 qingdan user create 新建用户。", "Create a user with qingdan user create."),
        {"login": login},
    )


def right_missing(right: str) -> Message:
    """Say that a right is missing."""
    return Message(
        "right_missing",
        Words("您的角色没有这项权限（{right}）。", "Your roles do not give you this right ({right})."),
        Words(
            "如工作需要，请找主管或管理员开通。",
            "If your work needs it, ask a supervisor or an administrator.",
        ),
        {"right": right},
    )
