"""What the diagnosis says to people: cause, evidence, the biggest lever."""

from typing import Final

from qingdan.core.flow.diagnosis import Finding, Lever
from qingdan.core.flow.signs import Cause, Sign
from qingdan.core.message import Message, Words

CAUSE_TITLES: Final[dict[Cause, Words]] = {
    Cause.SYSTEM_GAP: Words("系统断层", "System gap"),
    Cause.MISSING_OWNER: Words("角色缺位", "Missing owner"),
    Cause.FUZZY_RULES: Words("规则模糊", "Fuzzy rules"),
    Cause.CAPACITY: Words("人手不足", "Capacity"),
}

_EVERYWHERE: Final = Words("全部订单", "all orders")

_EVIDENCE: Final[dict[Sign, tuple[Words, Words]]] = {
    Sign.LATE_ARRIVAL: (
        Words(
            "{who}到达太晚：付款后平均 {here} 小时才进来{usual}，{orders} 单共晚 {hours} 小时",
            "{who} arrive late: {here} hours after payment on average{usual}; {orders} orders, {hours} hours in all",
        ),
        Words(
            "检查接口或导出频率；能直连的改为直连。",
            "Check the interface or how often it is exported; join it directly.",
        ),
    ),
    Sign.WAITS_FOR_TRIGGER: (
        Words(
            "{who}放行后平均等 {here} 小时才推送{usual}，{orders} 单共等 {hours} 小时：每一步都在等人手动触发",
            "{who} wait {here} hours from release to push{usual}; {orders} orders, {hours} hours in all: "
            "each step waits to be started by hand",
        ),
        Words("改为放行即推送。", "Push on release."),
    ),
    Sign.OWNERLESS: (
        Words(
            "{who}平均 {here} 小时无人负责{usual}，{orders} 单共 {hours} 小时",
            "{who} have no owner for {here} hours on average{usual}; {orders} orders, {hours} hours in all",
        ),
        Words("为这类订单指定负责角色，并打开自动分派。", "Name an owner role for them and assign automatically."),
    ),
    Sign.UNTOUCHED: (
        Words(
            "{who}名下的订单平均等 {here} 小时才有人处理{usual}，最长 {gap} 小时一单未动；{orders} 单多等 {hours} 小时",
            "Orders of {who} wait {here} hours until first touched{usual}, with none touched for up to {gap} hours; "
            "{orders} orders, {hours} hours more than others'",
        ),
        Words(
            "确认是否请假；打开超时自动收回。", "Check whether the person is away; let untouched work return by itself."
        ),
    ),
    Sign.PING_PONG: (
        Words(
            "{share}% 的订单被转手三次以上，{orders} 单在转手中耗去 {hours} 小时",
            "{share} % of the orders change hands three times or more; {orders} orders, {hours} hours lost in it",
        ),
        Words("写明这类订单归谁，转手须写原因。", "Say who owns them, and ask for a reason for each hand-over."),
    ),
    Sign.UNCLEAR: (
        Words(
            "{who}有 {share}% 要问人、改判、无理由挂起或重新打开{usual}，{orders} 单停了 {hours} 小时",
            "{share} % of {who} need a question, an override, an unexplained hold or are opened again{usual}; "
            "{orders} orders stood still for {hours} hours",
        ),
        Words("为这种情况写一条规则或 SOP。", "Write a rule or an SOP for it."),
    ),
    Sign.INFLOW: (
        Words(
            "进得多出得少：进 {inflow} 单、处理 {outflow} 单，超出 {excess}%；{orders} 单共多等 {hours} 小时",
            "More comes in than goes out: {inflow} in, {outflow} done, {excess} % over; "
            "{orders} orders wait {hours} hours more",
        ),
        Words(
            "加人、延长班次，或放宽规则让更多订单自动放行。",
            "Add people or shifts, or let more orders release themselves.",
        ),
    ),
}


def evidence(finding: Finding, label: Words | None = None) -> Message:
    """Say a finding with its figures and what to do; ``label`` names the group (the value itself by default)."""
    words, advice = _EVIDENCE[finding.sign]
    name = Words(f"“{finding.value}”", f"“{finding.value}”")
    facts = finding.facts
    # rates are parts of one in some signs' facts, and hours in the others'
    share = finding.sign in {Sign.UNCLEAR, Sign.PING_PONG}
    here = facts.get("here", facts.get("share", 0.0))
    usual = facts.get("usual")
    params: dict[str, object] = {
        "who": (label or name) if finding.value else _EVERYWHERE,
        "here": f"{here:,.1f}",
        "share": f"{100 * here:,.0f}",
        "gap": f"{facts.get('gap', 0):,.0f}",
        "orders": f"{finding.orders:,}",
        "hours": f"{finding.hours:,.0f}",
        "inflow": f"{facts.get('inflow', 0):,.0f}",
        "outflow": f"{facts.get('outflow', 0):,.0f}",
        "excess": f"{100 * facts.get('excess', 0):,.0f}",
        "usual": "" if usual is None else _usual(usual, share=share),
    }
    return Message(f"flow.sign.{finding.sign.value}", words, advice, params)


def _usual(value: float, *, share: bool) -> Words:
    if share:
        return Words(f"（其他 {100 * value:,.0f}%）", f" (others {100 * value:,.0f} %)")
    return Words(f"（其他 {value:,.1f} 小时）", f" (others {value:,.1f})")


def lever(found: Lever, label: Words | None = None) -> Message:
    """Say which check alone holds how many orders."""
    words = Words(
        "仅“{check}”一项就压着 {alone} 单（共涉及 {orders} 单）",
        "Check “{check}” alone holds {alone} orders (of {orders} that fail it)",
    )
    advice = Words(
        "先处理这一项：放宽、补数据或专人处理。", "Deal with it first: relax it, complete the data, or name a person."
    )
    check = label or Words(found.reason, found.reason)
    params = {"check": check, "alone": f"{found.alone:,}", "orders": f"{found.orders:,}"}
    return Message("flow.lever", words, advice, params)
