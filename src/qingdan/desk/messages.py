"""What the desk says to people."""

from collections.abc import Mapping
from typing import Any, Final

from qingdan.core.message import Message, Words

LEASED: Final = Words(
    "{name} 正在处理这个订单，您的操作没有生效。", "{name} has this order before her; nothing was done."
)
LEASED_ADVICE: Final = Words("请换一单，或等对方处理完。", "Take another one, or wait until she is done.")
LEASE_LOST: Final = Message(
    "desk.lease_lost",
    Words("您的领单已过期，这个订单已退回队列。", "Your lease ran out and the order went back to the queue."),
    Words("请重新领取后再处理。", "Take it again and then decide."),
)
NOT_YOURS: Final = Words(
    "这个订单归{role}处理，您的岗位不能{verdict}。", "This order is for the {role}; your role may not {verdict} it."
)
NOT_YOURS_ADVICE: Final = Words("请升级给负责人。", "Escalate it to whoever answers for it.")
TOO_MUCH: Final = Words(
    "实付 ¥{amount} 超过您可直接拒单的上限 ¥{limit}。",
    "¥{amount} is above the ¥{limit} that you may refuse by yourself.",
)
TOO_MUCH_ADVICE: Final = Words("请升级给主管处理。", "Escalate it to the supervisor.")
NEEDS_REASON: Final = Message(
    "desk.needs_reason",
    Words("请写明原因。", "A reason is needed."),
    Words("一句话即可，之后复盘和培训都靠它。", "One sentence is enough; reviews and training live on it."),
)
NEEDS_UNTIL: Final = Message(
    "desk.needs_until",
    Words("请选择挂起到什么时候，且必须是将来的时间。", "Say until when; it must be a moment to come."),
)
TOO_LONG: Final = Message(
    "desk.snooze_too_long",
    Words("稍后处理最多 3 天；更久请用“挂起”。", "Later is at most three days away; hold the order for longer."),
)
NO_REFUND: Final = Message(
    "desk.no_refund",
    Words("这个订单没有进行中的退款，不能等“退款了结”。", "The order has no open refund to wait for."),
    Words("请改选别的挂起条件。", "Choose another condition."),
)
NOTHING_TO_UNDO: Final = Message(
    "desk.nothing_to_undo",
    Words("没有可撤销的操作：它不是您做的，或已经撤销过。", "There is nothing of yours to take back here."),
)
NO_HOLD: Final = Message(
    "desk.no_hold",
    Words("这个订单没有在等这个条件。", "The order does not wait for that."),
    Words("请刷新后看它现在的状态。", "Reload it and look where it stands."),
)
NOTHING_ASKED: Final = Message(
    "desk.nothing_asked",
    Words("这个订单没有待确认的变化。", "Nothing is asked about this order."),
)
NO_SUCH_QUEUE: Final = Message(
    "desk.no_such_queue",
    Words("没有找到这个队列。", "There is no such queue."),
    Words("请刷新队列列表。", "Reload the list."),
)
NO_SUCH_PERSON: Final = Message(
    "desk.no_such_person",
    Words("没有找到这个人或团队，或其账号已停用。", "There is no such person or team, or the account is closed."),
)
BAD_SETTINGS: Final = Message(
    "desk.bad_settings",
    Words("有设置超出允许的范围。", "A setting is out of its range."),
    Words("请按页面上的范围填写。", "Keep to the ranges that the page shows."),
)
NO_SUCH_BULK: Final = Message("desk.no_such_bulk", Words("没有找到这次批量处理。", "There is no such bulk run."))
BULK_STATE: Final = Message(
    "desk.bulk_state",
    Words("这次批量处理现在不能这样操作。", "This can not be done with the bulk run now."),
    Words("请刷新后看最新进度。", "Reload and look how far it is."),
)
BULK_TOO_MANY: Final = Words(
    "一次最多批量处理 {most} 单，现在选中了 {count} 单。", "At most {most} orders at once; {count} are chosen."
)
BULK_TOO_MANY_ADVICE: Final = Words("请加上筛选条件，分几次处理。", "Narrow the filters and do it in parts.")

ROLES: Final[dict[str, Words]] = {
    "supervisor": Words("主管", "supervisor"),
    "front_line": Words("一线客服", "front line"),
    "risk": Words("风控专员", "risk specialist"),
    "finance": Words("财务", "finance"),
    "warehouse": Words("仓库", "warehouse"),
}
VERDICTS: Final[dict[str, Words]] = {
    "release": Words("放行", "release"),
    "hold": Words("挂起", "hold"),
    "refuse": Words("拒单", "refuse"),
    "exception": Words("转异常", "move to exceptions"),
    "escalate": Words("升级", "escalate"),
    "review": Words("退回待审", "return to review"),
    "snooze": Words("稍后处理", "do later"),
}
HOLDS: Final[dict[str, Words]] = {
    "time": Words("到时间", "a time"),
    "stock": Words("到货", "stock"),
    "reply": Words("买家回复", "the buyer's reply"),
    "refund": Words("退款了结", "the refund's end"),
}
HOLD_ENDED: Final[dict[str, Words]] = {
    "time": Words("挂起到期，回到待审", "The hold ran out; back in review"),
    "stock": Words("已到货，回到待审", "In stock; back in review"),
    "reply": Words("买家已回复，回到待审", "The buyer replied; back in review"),
    "refund": Words("退款已了结，回到待审", "The refund is settled; back in review"),
}
SKIPS: Final[dict[str, Words]] = {
    "unsure": Words("拿不准", "Not sure"),
    "waiting_info": Words("缺信息", "Information is missing"),
    "needs_other": Words("应由别人处理", "For somebody else"),
    "own_order": Words("与本人有关", "Concerns me personally"),
    "other": Words("其他", "Other"),
}
RECALLED: Final = Words("撤回：{verdict}", "Taken back: {verdict}")
ESCALATED: Final = Words("升级给{role}：{reason}", "Escalated to the {role}: {reason}")
DUE_SOON: Final = Words(
    "距期限只剩 {minutes} 分钟工作时间，无人处理", "{minutes} working minutes left and nobody at it"
)
ASKS: Final = Words("您处理之后订单有变化，请确认是否维持", "It changed after you decided; keep your decision?")
REOPENED: Final = Words(
    "您放行之后订单有变化，已先拦下，请确认", "It changed after your release and is held; please confirm"
)
WOKEN: Final = Words("{why}", "{why}")
ESCALATED_ROW: Final = Words("已升级，请优先处理", "Escalated; please take it first")
NOT_RANKED: Final = Words("刚进队列，马上排序", "New in the queue; its turn is being worked out")

NOTICES: Final[dict[str, Words]] = {
    "lease_expired": Words(
        "{name} 有 {count} 单超时没有处理，已退回队列", "{count} orders of {name}'s ran out and went back to the queue"
    ),
    "asks": Words(
        "订单在您处理之后有变化，请确认是否维持", "An order changed after you decided it; keep your decision?"
    ),
    "escalated": Words("{name} 升级了一单：{reason}", "{name} escalated an order: {reason}"),
    "due_soon": Words("{count} 单快到期无人处理，已升级给您", "{count} orders are due soon with nobody at them"),
    "handed_over": Words("{name} 的 {count} 单移交给了您", "{count} of {name}'s orders were handed to you"),
    "hold_ended": Words("您挂起的订单回来了：{why}", "An order that you held is back: {why}"),
    "bulk_done": Words(
        "批量{verdict}完成：成功 {done}，未处理 {failed}", "Bulk {verdict} is done: {done} done, {failed} not"
    ),
}

OUTCOMES: Final[dict[str, Words]] = {
    "done": Words("已处理", "Done"),
    "ok": Words("可处理", "Can be done"),
    "moved": Words("选中之后有变动", "Changed since it was chosen"),
    "gone": Words("订单已不存在", "No longer there"),
    "cancelled": Words("平台已关闭或取消", "Closed or cancelled on the platform"),
    "refund": Words("退款中", "Refund open"),
    "platform_hold": Words("平台限制", "Held by the platform"),
    "held": Words("被策略挂起", "Held by the policy"),
    "left": Words("已推送或已完结", "Sent or done already"),
    "same": Words("已经是这个状态", "Stands there already"),
    "leased": Words("有人正在处理", "Somebody has it before her"),
    "hand": Words("已有人处理过", "Decided by a person already"),
    "not_yours": Words("归别的岗位处理", "For another role"),
    "no_refund": Words("没有进行中的退款", "No refund open"),
}
"""Why a bulk verdict does or does not take an order; the run records these ids."""


def words(text: Words, params: Mapping[str, object] | None = None) -> dict[str, str]:
    """Sentence in both languages with its places filled."""
    return {"zh": text.text("zh", params), "en": text.text("en", params)}


def notice(kind: str, params: Mapping[str, Any]) -> dict[str, str]:
    """Sentence of a notice; a value that is itself ``{zh, en}`` is taken in the sentence's language."""
    filled = {k: Words(v["zh"], v["en"]) if isinstance(v, dict) else v for k, v in params.items()}
    return words(NOTICES[kind], filled)
