"""What alerts say to people."""

from typing import Final

from qingdan.core.message import Message, Words

NOT_THERE: Final = Message(
    "alert_unknown",
    Words("没有找到这条内容。", "There is nothing here."),
    Words("它可能已被删除；请刷新页面。", "It may be gone; reload the page."),
)
KIND_STAYS: Final = Message(
    "outlet_kind_stays",
    Words("通知渠道的类型不能改。", "The kind of an outlet can not be changed."),
    Words("请新建一个渠道，再停用旧的。", "Add another outlet and switch this one off."),
)
UNKNOWN_KIND: Final = Message(
    "outlet_kind_unknown",
    Words("不支持这种通知渠道。", "There is no such kind of outlet."),
    Words("可用：钉钉、飞书、企业微信群机器人，邮件。", "There are robots of DingTalk, Feishu and WeCom, and mail."),
)
BAD_ROUTE: Final = Message(
    "alert_route_faulty",
    Words("通知规则有一处不对。", "A route is not right."),
    Words(
        "每条规则要有 1–6 步，第一步立即通知；渠道必须在用。",
        "A route has 1 to 6 steps, the first at once, through outlets that are on.",
    ),
)
LINK_GONE: Final = Message(
    "alert_link_gone",
    Words("这个链接已失效。", "This link does not work any more."),
    Words("请登录清单，在“提醒”页里处理。", "Log in to Qingdan and use the page Alerts."),
)

TEST_TITLE: Final = Words("清单：测试消息", "Qingdan: test message")
TEST_LINE: Final = Words(
    "收到这条，说明“{name}”已接通。以后的提醒会发到这里。", "If you read this, “{name}” works. Alerts will come here."
)
ESCALATED: Final = Words("〔无人确认，已升级〕", "[not acknowledged, escalated] ")
AGAIN: Final = Words(
    "> 其中 {n} 条可能已经发过：上次发送中断，补发一遍以免漏掉。",
    "> {n} of these may have come before: an earlier attempt broke off.",
)
ACK: Final = Words("[收到，我来处理]({url})", "[Got it, I take care]({url})")

ACK_TITLE: Final = Words("确认收到提醒", "Acknowledge alerts")
ACK_ASK: Final = Words(
    "这条消息里有 {n} 条提醒。点一下按钮，就不会再往上升级。",
    "This message holds {n} alerts. Press the button and they will not be escalated.",
)
ACK_BUTTON: Final = Words("收到，我来处理", "Got it, I take care")
ACK_DONE: Final = Words("已记下：{n} 条提醒有人处理了。", "Noted: {n} alerts are being taken care of.")
ACK_NONE: Final = Words("这些提醒已经有人确认过了。", "These alerts had been acknowledged already.")
ACK_MORE: Final = Words("……另有 {n} 条", "… and {n} more")
BY_LINK: Final = Words("消息链接 · {name}", "link in {name}")


def name_taken(name: str) -> Message:
    """Say that an outlet's name is in use."""
    return Message(
        "outlet_name_taken",
        Words("已有叫“{name}”的通知渠道。", "There is an outlet named “{name}”."),
        Words("请换一个名字。", "Choose another name."),
        {"name": name},
    )


def bad_hours(text: str) -> Message:
    """Say that hours can not be read."""
    return Message(
        "outlet_hours",
        Words("看不懂这段时间：{text}", "These hours can not be read: {text}"),
        Words("请写成 22:00-08:00 的样子。", "Write them like 22:00-08:00."),
        {"text": text},
    )


def bad_address(text: str) -> Message:
    """Say that a mail address is none."""
    return Message(
        "outlet_mail",
        Words("收件人不对：{text}", "This is no mail address: {text}"),
        Words("请逐个填写邮箱，最多 20 个。", "Give up to 20 addresses, one by one."),
        {"text": text},
    )


def bad_webhook(hosts: Words) -> Message:
    """Say where a webhook must point."""
    return Message(
        "outlet_webhook",
        Words("机器人地址不对。", "This is not the robot's address."),
        Words(
            "请从群机器人设置里复制完整的 Webhook 地址（https，{hosts}）。",
            "Copy the whole webhook address from the robot's settings (https, {hosts}).",
        ),
        {"hosts": hosts},
    )


def too_soon(seconds: int) -> Message:
    """Say that the outlet's limit allows no message now."""
    return Message(
        "outlet_too_soon",
        Words("刚发过消息，为了不被平台限流，先等一下。", "A message has just left; the vendor's limit comes first."),
        Words("请 {seconds} 秒后再试。", "Try again in {seconds} seconds."),
        {"seconds": seconds},
    )
