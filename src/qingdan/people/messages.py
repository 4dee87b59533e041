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

NOT_THERE: Final = Message(
    "people_unknown",
    Words("没有找到这条内容。", "There is nothing here."),
    Words("它可能已被删除；请刷新页面。", "It may be gone; reload the page."),
)
BAD_TEAM: Final = Message(
    "team_faulty",
    Words("班组设置有一处不对。", "Something about this team is not right."),
    Words(
        "每人只能在组里出现一次，同时在手的单数要在 0–1000 之间。",
        "A person is in a team once, with 0 to 1000 orders in hand.",
    ),
)
BAD_CALENDAR: Final = Message(
    "calendar_faulty",
    Words("工作日历不完整。", "The calendar is not complete."),
    Words(
        "请给出周一到周日每天的时段，单独设置的日期最多 400 天。",
        "Give the hours of all seven days, and at most 400 days of their own.",
    ),
)
BAD_LEAVE: Final = Message(
    "leave_faulty",
    Words("请假时间不对。", "This leave is not right."),
    Words("结束要晚于开始，最长一年。", "It must end after it begins, within a year."),
)
OVERLAP: Final = Message(
    "hours_overlap",
    Words("同一天的时段有重叠，或超过 6 段。", "Hours of a day overlap, or there are more than six."),
    Words("请把重叠的时段并成一段。", "Make overlapping hours one."),
)
OWN_ACCOUNT: Final = Message(
    "own_account",
    Words("不能停用自己的账号，也不能去掉自己的管理员角色。", "You can not lock yourself out."),
    Words("请让另一位管理员来改。", "Ask another administrator."),
)


def name_in_use(name: str) -> Message:
    """Say that a name is in use."""
    return Message(
        "name_in_use",
        Words("“{name}”已经有了。", "There is a “{name}” already."),
        Words("请换一个名字。", "Choose another name."),
        {"name": name},
    )


def bad_hours(text: str) -> Message:
    """Say that hours can not be read."""
    return Message(
        "hours_faulty",
        Words("看不懂这段时间：{text}", "These hours can not be read: {text}"),
        Words("请写成 09:00-12:00 的样子；跨夜可写 22:00-06:00。", "Write 09:00-12:00, or 22:00-06:00 over midnight."),
        {"text": text},
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
