"""What the room says to people."""

from typing import Any, Final

from qingdan.campaigns.kinds import LABELS
from qingdan.core.message import Message, Words

NOT_FOUND: Final = Message(
    "campaign.not_found",
    Words("没有找到这次清理。", "There is no such clean-up."),
    Words("请回到列表重新打开。", "Open it again from the list."),
)
MOVED: Final = Message(
    "campaign.moved",
    Words("情况已经变了，这条建议不再适用。", "Things have moved on; this advice no longer holds."),
    Words("请看最新的检查点。", "Look at the newest checkpoint."),
)
CLOSED: Final = Message(
    "campaign.closed",
    Words("这次清理已经收尾，不能再改。", "This clean-up is closed and can not be changed."),
    Words("要继续清，请新建一次。", "Start a new one to go on."),
)
NOT_RUNNING: Final = Message(
    "campaign.not_running",
    Words("这次清理还没有开始。", "This clean-up has not started."),
    Words("先点“开始清理”。", "Start it first."),
)
NO_ORDERS: Final = Message(
    "campaign.no_orders",
    Words("按这些条件没有找到待发货的订单。", "No order that has still to leave matches."),
    Words("放宽条件，或先导入订单。", "Ask for less, or import the orders first."),
)
GOAL_PAST: Final = Message(
    "campaign.goal_past",
    Words("目标时间要在将来。", "The goal must be a moment to come."),
)
END_PAST: Final = Message(
    "campaign.end_past",
    Words("授权的截止时间要在将来。", "An authorisation must end at a moment to come."),
)
NO_PEOPLE: Final = Message(
    "campaign.no_people",
    Words("还没有安排人，清理开不了工。", "Nobody is planned yet, so nothing would be done."),
    Words("在“班组分工”里至少给一个组排上人。", "Put somebody in at least one group first."),
)
BAD_LANES: Final = Message(
    "campaign.bad_lanes",
    Words(
        "分工有误：每种活只能归一个组，每人只能在一个组，组要用已有的班组。",
        "Each kind of work belongs to one group, each person to one group, and groups need an existing team.",
    ),
    Words("请检查后再保存。", "Check the groups and save again."),
)
UNFINISHED: Final = Message(
    "campaign.note_empty", Words("请写一句交接说明。", "Write what the next shift should know.")
)

AUTHORISED: Final = Words("清理临时授权", "Temporary authorisation")
OWNED: Final = Words("清理分工", "Clean-up plan")

ENTRIES: Final[dict[str, Words]] = {
    "created": Words("建立清理战役，圈定 {orders} 单", "Made with {orders} orders"),
    "grown": Words("新增 {orders} 单", "{orders} orders joined"),
    "planned": Words("调整了班组分工", "Changed who works where"),
    "started": Words("开始清理：待处理 {left} 单", "Started with {left} orders waiting"),
    "checkpoint": Words("检查点：已完成 {done} 单，剩 {left} 单", "Checkpoint: {done} done, {left} left"),
    "moved": Words(
        "采纳建议：{names} 从{source}组调到{target}组，预计早 {hours} 小时完成",
        "Moved {names} from {source} to {target}: {hours} hours earlier",
    ),
    "authorised": Words(
        "授权{role}处理{kind}（{limit}），到 {until} 止", "{role} may decide {kind} ({limit}) until {until}"
    ),
    "withdrawn": Words("授权结束：{role}处理{kind}", "Authorisation over: {role} on {kind}"),
    "owned": Words("{orders} 单异常已分到人", "{orders} exceptions have an owner now"),
    "note": Words("交接：{text}", "Hand-over: {text}"),
    "closed": Words("收尾：完成 {done} 单，剩 {left} 单", "Closed: {done} done, {left} left"),
}
ROLES: Final[dict[str, Words]] = {
    "front_line": Words("一线客服", "the front line"),
    "supervisor": Words("主管", "the supervisor"),
    "risk": Words("风控专员", "risk"),
    "finance": Words("财务", "finance"),
    "warehouse": Words("仓库", "the warehouse"),
}
_MOVE: Final = Words(
    "从{source}组调 {count} 人（{names}）到{target}组：早 {hours} 小时完成{late}{money}",
    "{count} from {source} to {target} ({names}): {hours} h earlier{late}{money}",
)
_LATE: Final = Words("，少超时 {late} 单", ", {late} fewer late")
_MONEY: Final = Words("，省 ¥{yuan}", ", ¥{yuan} saved")


def entry(kind: str, params: dict[str, Any]) -> dict[str, str]:
    """Return a line of the log in both languages."""
    values = dict(params)
    if "kind" in values:
        values["kind"] = LABELS[values["kind"]]
    if "role" in values:
        values["role"] = ROLES.get(values["role"], Words(values["role"], values["role"]))
    if "limit" in values:
        fen = values["limit"]
        values["limit"] = (
            Words("不限金额", "any amount")
            if fen is None
            else Words(f"¥{fen / 100:,.0f} 以内", f"up to ¥{fen / 100:,.0f}")
        )
    return (
        ENTRIES[kind].both()
        if not values
        else {
            "zh": ENTRIES[kind].text("zh", values),
            "en": ENTRIES[kind].text("en", values),
        }
    )


def move(told: dict[str, Any], letters: dict[int, str]) -> dict[str, str]:
    """Return a move of people as a supervisor says it."""
    late = Words("", "") if told["late"] < 1 else _filled(_LATE, {"late": f"{told['late']:,}"})
    money = Words("", "") if told["fen"] < 100 else _filled(_MONEY, {"yuan": f"{told['fen'] // 100:,}"})
    params = {
        "source": letters.get(told["source"], "?"),
        "target": letters.get(told["target"], "?"),
        "count": len(told["people"]),
        "names": Words("、".join(p["name"] for p in told["people"]), ", ".join(p["name"] for p in told["people"])),
        "hours": told["hours"],
        "late": late,
        "money": money,
    }
    return {"zh": _MOVE.text("zh", params), "en": _MOVE.text("en", params)}


def _filled(words: Words, params: dict[str, object]) -> Words:
    return Words(words.text("zh", params), words.text("en", params))


BAD_PEAK: Final = Message(
    "rehearsal.bad_days",
    Words("最多演练 14 天，倍数在 0 到 20 之间。", "At most 14 days, and a scale between 0 and 20."),
)
NO_PEAK: Final = Message(
    "rehearsal.no_orders",
    Words("这几天没有付款的订单，演练不了。", "No order was paid in these days, so there is nothing to rehearse."),
    Words("换一段有大促或直播的日子。", "Choose days with a promotion or a livestream."),
)
TEMPLATE_NOTE: Final = Words(
    "清理“{name}”用的规则：共 {total} 单，处理 {done} 单，其中规则自动 {by_rules} 单，剩 {left} 单。",
    "Rules of the clean-up “{name}”: {total} orders, {done} done, {by_rules} of them by rules, {left} left.",
)
