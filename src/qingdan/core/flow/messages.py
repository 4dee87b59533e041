"""What the flow functions say to people."""

from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from qingdan.core.flow.priority import Why
from qingdan.core.message import Message, Words
from qingdan.core.worktime import SHANGHAI

_WHY: Final[dict[Why, Words]] = {
    Why.SAVE: Words(
        "{due} 前放行可避免 ¥{stake}，来得及", "Released by {due} it saves ¥{stake}, and there is time for it"
    ),
    Why.NEXT_CHARGE: Words(
        "已超时；{due} 前放行可避免再罚 ¥{stake}", "Late already; released by {due} it avoids another ¥{stake}"
    ),
    Why.AGE: Words("等待已超过上限，优先处理", "It has waited longer than the limit"),
    Why.LATE: Words("已超时，按预留份额处理", "Late already; done in the share kept for late orders"),
    Why.GIVEN_UP: Words(
        "{due} 的 ¥{stake} 已赶不上：同样时间先做更值的单",
        "The ¥{stake} of {due} can not be avoided: the same minutes save more on other orders",
    ),
    Why.WAITING: Words("暂无罚款风险，按等待先后", "No penalty ahead; in order of waiting"),
}


def why(reason: Why, *, due: int | None = None, stake: int = 0, zone: str = SHANGHAI) -> Message:
    """Why an order stands where it stands; ``due`` µs UTC and ``stake`` fen as in ``priority.Plan``."""
    when = ""
    if due is not None:
        moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=due)
        when = moment.astimezone(ZoneInfo(zone)).strftime("%m-%d %H:%M")
    return Message(
        f"flow.why.{reason.name.lower()}", _WHY[reason], params={"due": when, "stake": f"{stake / 100:,.2f}"}
    )
