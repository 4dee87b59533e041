"""What the relay has claimed, and what became of it: plain values between the database and the callers."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from qingdan.core.message import Message
from qingdan.fulfilment.delivery import Delivery


class Task(StrEnum):
    """What is to be done about a push."""

    CREATE = "create"
    CANCEL = "cancel"
    ASK = "ask"
    """Ask whether the delivery is there: somebody may have sent it."""
    CHECK = "check"
    """Ask whether a stop that was taken has managed."""


@dataclass(frozen=True, slots=True)
class Work:
    """One claimed push. ``attempt`` is the fence: only who holds it may write what became of the push.

    ``delivery`` is None when the order can not be sent as it is; ``problem`` then says why.
    """

    order_id: int
    operation: str
    revision: int
    attempt: int
    task: Task
    tries: int
    asks: int
    delivery: Delivery | None = field(repr=False)
    problem: Message | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """What became of a work: the state to write, and when to look at it again (seconds from now; None: never)."""

    work: Work
    state: str
    due_in: float | None = None
    reason: str = ""
    detail: str = ""
    said: Message | None = None
    warehouse_no: str = ""
    tries: int = 0
    asks: int = 0

    def words(self) -> dict[str, Any] | None:
        """Our own words about it, in both languages."""
        return self.said.both() if self.said else None
