"""What the board's room says to people."""

from typing import Final

from qingdan.core.message import Message, Words

PARTS: Final[dict[str, Words]] = {
    "lag": Words("付款到进单", "Payment to arrival"),
    "ownerless": Words("无人负责", "Without an owner"),
    "queue": Words("等待处理", "Waiting to be touched"),
    "unclear": Words("等答复、无规则可依", "Stood still for want of a rule"),
    "trigger": Words("放行到推送", "Release to push"),
    "open": Words("进单到离开", "Arrival to leaving"),
}
"""Parts of an order's way, as periods are compared by."""

FRONT_LINE: Final = Words("一线轮值", "Front line")

TOO_MANY: Final = Words(
    "这段时间有 {count} 单，一次最多导出 {most} 单",
    "This period has {count} orders; at most {most} can be exported at once",
)
TOO_MANY_ADVICE: Final = Words("请缩短时间范围，分几次导出。", "Choose a shorter period and export in parts.")


def too_many(count: int, most: int) -> Message:
    """Say that a period is too long to be exported."""
    return Message("board.too_many", TOO_MANY, TOO_MANY_ADVICE, {"count": f"{count:,}", "most": f"{most:,}"})


NO_REPORT: Final = Words("没有 {day} 的日报", "There is no report of {day}")
NO_REPORT_ADVICE: Final = Words("请选择列表里的日期。", "Choose one of the days in the list.")


def no_report(day: str) -> Message:
    """Say that nothing is kept of a day."""
    return Message("board.no_report", NO_REPORT, NO_REPORT_ADVICE, {"day": day})


STEP_NAMES: Final[dict[str, Words]] = {
    "unclaimed": Words("待认领", "Not taken up"),
    "assigned": Words("已派未动", "Assigned, untouched"),
    "in_hand": Words("处理中", "In hand"),
    "parked": Words("挂起", "On hold"),
    "released": Words("待推送", "Waiting for the push"),
    "sent": Words("待出库", "At the warehouse"),
}
"""Where an order waits, in the order of the way."""

REPORT: Final[dict[str, Words]] = {
    "sheet_totals": Words("总览", "Overview"),
    "sheet_hours": Words("每小时进出", "By hour"),
    "sheet_stages": Words("状态", "Stages"),
    "sheet_channels": Words("平台", "Platforms"),
    "sheet_steps": Words("卡在哪一步", "Where orders wait"),
    "sheet_causes": Words("积压原因", "Causes"),
    "sheet_levers": Words("最大抓手", "Levers"),
    "sheet_people": Words("人员进度", "People"),
    "figure": Words("指标", "Figure"),
    "value": Words("数值", "Value"),
    "day": Words("日期", "Day"),
    "came": Words("进单", "Came in"),
    "went": Words("清出", "Cleared"),
    "backlog": Words("待清理", "Backlog"),
    "overdue": Words("已超时", "Overdue"),
    "late": Words("超承诺发货", "Past the promised shipping time"),
    "rate": Words("放行率", "Release rate"),
    "now_fen": Words("已产生罚款（元）", "Penalties so far (yuan)"),
    "day_fen": Words("24 小时内新增罚款风险（元）", "Further penalties within 24 h (yuan)"),
    "p50": Words("预计清完（五成把握）", "Cleared by (P50)"),
    "p80": Words("预计清完（八成把握）", "Cleared by (P80)"),
    "hour": Words("时间", "Hour"),
    "stage": Words("状态", "Stage"),
    "channel": Words("平台", "Platform"),
    "orders": Words("单数", "Orders"),
    "step": Words("步骤", "Step"),
    "oldest": Words("最早进单", "Oldest since"),
    "cause": Words("原因", "Cause"),
    "hours_lost": Words("耗时（小时）", "Hours lost"),
    "yuan": Words("罚款（元）", "Yuan"),
    "check": Words("检查项", "Check"),
    "alone": Words("仅因这一项", "By this alone"),
    "person": Words("姓名", "Name"),
    "back": Words("返工", "Taken back"),
    "points": Words("折合常规单", "In regular orders"),
}
"""Words of the day's report."""
