"""Kinds of alerts: what each is called, whom it is for unless it says otherwise, and how much it matters."""

from dataclasses import dataclass
from typing import Final, Literal

from qingdan.core.message import Words

Severity = Literal["info", "warning", "urgent"]
SEVERITIES: Final[tuple[Severity, ...]] = ("info", "warning", "urgent")


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of alert; ``role`` is an owner role of the policy, ``severity`` what it has unless raised otherwise."""

    title: Words
    role: str
    severity: Severity
    meaning: Words


KINDS: Final[dict[str, Kind]] = {
    "due_soon": Kind(
        Words("快到时限", "Due soon"),
        "front_line",
        "warning",
        Words("订单离处理时限只剩一点工作时间", "an order has little working time left before its deadline"),
    ),
    "overdue": Kind(
        Words("已超时", "Overdue"),
        "front_line",
        "urgent",
        Words("订单过了处理时限还没处理完", "an order is past its deadline and still waits"),
    ),
    "backlog_growth": Kind(
        Words("积压在涨", "Backlog is growing"),
        "supervisor",
        "warning",
        Words("一小时内待处理的单涨得比平时快", "more orders wait than an hour ago, by far"),
    ),
    "silence": Kind(
        Words("消息中断", "Silence"),
        "supervisor",
        "urgent",
        Words("平台、仓库或快递该来的消息没来", "a platform, warehouse or carrier has gone silent"),
    ),
    "rule_paused": Kind(
        Words("规则被停用", "Rule paused"),
        "risk",
        "urgent",
        Words("抽查发现规则放错单，已自动停用", "an audit found wrong releases; the rule was paused"),
    ),
    "push_unknown": Kind(
        Words("推送结果不明", "Push in doubt"),
        "warehouse",
        "warning",
        Words("推给仓库的单没有回音，要人核对", "a push has no known result; a person must check"),
    ),
    "work_returned": Kind(
        Words("订单退回待领", "Work returned"),
        "supervisor",
        "info",
        Words("有人请假或超时没处理，名下的单退回了", "a person is away or too slow; her orders went back"),
    ),
    "outlet_down": Kind(
        Words("通知发不出去", "Notices do not get out"),
        "supervisor",
        "warning",
        Words("群机器人或邮箱拒收，请检查设置", "a robot or mailbox refuses; check its settings"),
    ),
    "other": Kind(Words("其他提醒", "Other"), "supervisor", "info", Words("其他需要知道的事", "anything else")),
}
"""Kind → what it is; a key may be stored, so kinds are added and never renamed."""
