"""What an answer makes of a push. Pure: the rules of never guessing, retrying and giving up."""

import random
from dataclasses import dataclass, field
from typing import Final

from qingdan.core.message import Message, Words
from qingdan.fulfilment.breaker import full_jitter
from qingdan.fulfilment.wms import Meaning, Said
from qingdan.fulfilment.work import Done, Task, Work

BUDGET: Final = 8
"""How often an order may be turned down for now before a person must look."""
STOP_BUDGET: Final = 20
"""How often a warehouse may say that a stop is still under way: some minutes, as the pauses grow."""
STOP_ASKED: Final = "stop_asked"
"""Reason of a stop that the warehouse has taken and whose outcome is open."""
_ANSWER_WITHIN: Final = 60.0
_SETTLED_KEYED: Final = 1.0

_CAN_NOT_ASK: Final = Message(
    "push.cannot_ask",
    Words(
        "仓库没有回音，也查不到它收没收到。",
        "The warehouse did not answer and can not be asked whether it has the order.",
    ),
    Words(
        "请联系仓库确认：已收到就标为“已送达”，没收到就重新推送。",
        "Ask the warehouse: mark the push as arrived if it has the order, else push it again.",
    ),
)
_GAVE_UP: Final = Message(
    "push.gave_up",
    Words("试了 {count} 次，仓库都没有接单。", "The warehouse did not take it in {count} tries."),
    Words("请看仓库的说法，处理后重新推送。", "See what the warehouse says, then push it again."),
)


@dataclass(slots=True)
class Judge:
    """Decides for one destination. ``settle`` is how long a request may still be under way unseen, in seconds."""

    honours_key: bool
    settle: float
    spread: random.Random = field(default_factory=random.Random)

    def said(self, work: Work, said: Said) -> Done:  # noqa: PLR0911 - one arm a meaning
        """Judge by what the warehouse said."""
        if work.task is Task.ASK:
            return self._asked(work, said)
        if work.task in {Task.CANCEL, Task.CHECK}:
            return self._stopped(work, said)
        match said.meaning:
            case Meaning.TAKEN:
                return Done(work, "done", detail=said.words, warehouse_no=said.warehouse_no)
            case Meaning.WAIT:
                return Done(work, "unknown", _ANSWER_WITHIN, said.code)
            case Meaning.REFUSED:
                return Done(work, "failed", None, "refused", _words(said))
            case Meaning.LATER:
                return self._later(work, said)
            case _:
                due = 0.0 if said.code == "exists" else self._settled()
                return Done(work, "unknown", due, said.code or "no_answer", said.words)

    def not_sent(self, work: Work, code: str) -> Done:
        """Judge a request that never reached the warehouse: nothing happened, and it is nobody's fault here."""
        wait = full_jitter(1, self.spread)
        if work.task in {Task.ASK, Task.CHECK}:
            return Done(work, "unknown", wait, _open(work), code)
        return Done(work, "ready", wait, "unreachable", code)

    def no_answer(self, work: Work, code: str) -> Done:
        """Judge a request that may have arrived."""
        if work.task in {Task.ASK, Task.CHECK}:
            return Done(work, "unknown", full_jitter(work.asks, self.spread), _open(work), code, asks=1)
        return Done(work, "unknown", self._settled(), "no_answer", code)

    def can_not_ask(self, work: Work) -> Done:
        """Judge a doubt that the warehouse can not resolve: the same key again is harmless, or a person decides."""
        if self.honours_key:
            return self._absent(work, Said(Meaning.ABSENT))
        return Done(work, "unknown", None, "cannot_ask", said=_CAN_NOT_ASK)

    def not_sendable(self, work: Work, message: Message) -> Done:
        """Judge a delivery that must not be sent as it is."""
        return Done(work, "failed", None, message.id.removeprefix("push."), said=message)

    def given_back(self, work: Work) -> Done:
        """Judge a claim that was not begun in time."""
        if work.task is Task.CHECK:
            return Done(work, "unknown", 0.0, STOP_ASKED)
        return Done(work, "unknown" if work.task is Task.ASK else "ready", 0.0, "given_back")

    def _asked(self, work: Work, said: Said) -> Done:
        match said.meaning:
            case Meaning.TAKEN:
                return Done(work, "done", detail=said.words, warehouse_no=said.warehouse_no)
            case Meaning.ABSENT:
                return self._absent(work, said)
            case Meaning.REFUSED:
                return Done(work, "failed", None, "cancelled_there", _words(said))
            case _:
                wait = full_jitter(work.asks, self.spread)
                return Done(work, "unknown", wait, said.code or "no_answer", said.words, asks=1)

    def _absent(self, work: Work, said: Said) -> Done:
        """Judge a delivery that is certainly not there: send it again, under the same number."""
        if work.tries + 1 >= BUDGET:
            return self._gave_up(work, said)
        return Done(work, "ready", full_jitter(work.tries, self.spread), "absent", tries=1)

    def _later(self, work: Work, said: Said) -> Done:
        if said.outage:
            return Done(work, "ready", full_jitter(2, self.spread), said.code, said.words)
        if work.tries + 1 >= BUDGET:
            return self._gave_up(work, said)
        return Done(work, "ready", full_jitter(work.tries, self.spread), "later", _words(said), tries=1)

    def _stopped(self, work: Work, said: Said) -> Done:  # noqa: PLR0911 - one arm a meaning
        match said.meaning:
            case Meaning.TAKEN:
                return Done(work, "done", detail=said.words)
            case Meaning.REFUSED:
                return Done(work, "failed", None, "too_late", _words(said))
            case Meaning.WAIT if work.tries + 1 >= STOP_BUDGET:
                return Done(work, "failed", None, "stop_unconfirmed", _words(said))
            case Meaning.WAIT:
                return Done(work, "unknown", full_jitter(work.tries, self.spread), STOP_ASKED, tries=1)
            case Meaning.LATER if work.task is Task.CANCEL:
                return self._later(work, said)
            case _ if work.task is Task.CHECK:
                wait = full_jitter(work.asks, self.spread)
                return Done(work, "unknown", wait, STOP_ASKED, _words(said), asks=1)
            case _:
                # stopping twice is harmless, so a doubt is resolved by stopping again
                wait = full_jitter(work.asks, self.spread)
                return Done(work, "unknown", wait, said.code or "no_answer", said.words, asks=1)

    def _gave_up(self, work: Work, said: Said) -> Done:
        message = Message(_GAVE_UP.id, _GAVE_UP.words, _GAVE_UP.advice, {"count": work.tries + 1})
        return Done(work, "failed", None, "gave_up", _words(said), message)

    def _settled(self) -> float:
        return _SETTLED_KEYED if self.honours_key else self.settle


def _open(work: Work) -> str:
    """Reason of a question without an answer: what was open stays open."""
    return STOP_ASKED if work.task is Task.CHECK else "no_answer"


def _words(said: Said) -> str:
    return f"{said.code} {said.words}".strip()
