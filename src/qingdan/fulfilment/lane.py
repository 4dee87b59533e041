"""One destination as the relay serves it: its workers, its connections, its breaker."""

import logging
import random
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from queue import SimpleQueue
from typing import Final

from qingdan.fulfilment.breaker import FAILURES, Breaker
from qingdan.fulfilment.judging import Judge
from qingdan.fulfilment.transport import Limits, Line, NoAnswerError, NotSentError
from qingdan.fulfilment.wms import Access, Adapter, Call, Confirming, Dropper, NotSendableError, Reply, Said
from qingdan.fulfilment.work import Done, Task, Work

_log: Final = logging.getLogger(__name__)

AHEAD: Final = 3
"""Claims held for each one under way, so that no worker waits for the database."""


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a call: the judgements, whether the destination worked, and how long it took."""

    lane: "Lane"
    done: tuple[Done, ...]
    worked: bool | None
    trouble: str = ""
    seconds: float = 0.0


@dataclass(slots=True)
class Lane:
    """Workers write to ``results``; everything else here belongs to the relay's own thread.

    ``failing`` alone is theirs: failures in a row as they see them, before the relay's thread has read the results.
    """

    access: Access
    adapter: Adapter | Dropper
    concurrency: int
    lease: float
    results: SimpleQueue[Result]
    limits: Limits = field(default_factory=Limits)
    breaker: Breaker = field(default_factory=Breaker)
    in_flight: int = 0
    retiring: bool = False
    ok_at: float | None = None
    failed_at: float | None = None
    failure: str = ""
    answer_ms: int | None = None
    alone: set[tuple[int, int]] = field(default_factory=set)
    failing: int = 0
    judge: Judge = field(init=False)
    line: Line = field(init=False)
    pool: ThreadPoolExecutor = field(init=False)

    def __post_init__(self) -> None:
        self.line = Line(self.limits)
        self.judge = Judge(self.adapter.honours_key, self.limits.total)
        self.pool = ThreadPoolExecutor(self.concurrency, thread_name_prefix=f"lane-{self.access.destination}")

    def room(self) -> int:
        """How many more pushes to claim now."""
        if self.retiring:
            return 0
        batch = self.adapter.at_once(self.access)
        most = self.concurrency * (1 + AHEAD) * batch
        slots = self.breaker.slots(time.monotonic(), most)
        if slots and self._shut:
            return 0 if self.in_flight else 1
        return max(0, slots - self.in_flight)

    @property
    def _shut(self) -> bool:
        """Whether only one may try: the breaker is open, or will be when the results of the last calls are read."""
        return self.breaker.is_open or self.failing >= FAILURES

    def begin(self, works: Sequence[Work]) -> None:
        """Give claimed pushes to the workers."""
        until = time.monotonic() + self.lease - self.limits.total
        self.in_flight += len(works)
        batch = self.adapter.at_once(self.access)
        shut = self._shut
        together = [work for work in works if batch > 1 and work.task is Task.CREATE and _key(work) not in self.alone]
        joined = {_key(work) for work in together}
        groups = [[work] for work in works if work.task is not Task.CREATE or _key(work) not in joined]
        groups += [together[start : start + batch] for start in range(0, len(together), batch)]
        for place, group in enumerate(groups):
            trial = shut and place == 0
            self.pool.submit(self._do, group, until, trial).add_done_callback(partial(self._landed, group))

    def note(self, result: Result, spread: random.Random) -> None:
        """Take a result into account."""
        self.in_flight -= len(result.done)
        now = time.monotonic()
        if result.worked is True:
            self.breaker.succeeded()
            self.ok_at, self.answer_ms = now, int(result.seconds * 1000)
        elif result.worked is False:
            self.failed_at, self.failure = now, result.trouble
            if self.breaker.failed(now, spread):
                _log.warning("Destination %s does not work (%s); pausing.", self.access.destination, result.trouble)

    def close(self) -> None:
        """Let calls under way end."""
        self.pool.shutdown(wait=True, cancel_futures=True)
        self.line.close()

    def _landed(self, works: Sequence[Work], future: Future[Result]) -> None:
        """Hand the result over; a fault of our own in one order leaves it in doubt and does not stop the others."""
        if future.cancelled():
            self.results.put(self._result([self.judge.given_back(work) for work in works]))
        elif (error := future.exception()) is not None:
            _log.error("A push to destination %s failed in our own code.", self.access.destination, exc_info=error)
            self.results.put(self._result([self.judge.no_answer(work, "internal") for work in works]))
        else:
            self.results.put(future.result())

    def _do(self, works: Sequence[Work], until: float, trial: bool) -> Result:  # noqa: FBT001 - submitted to a pool
        # what was queued when the breaker opened, or is about to, does not go out after all but for the one that tries
        if time.monotonic() > until or (self._shut and not trial):
            return self._result([self.judge.given_back(work) for work in works])
        ready: list[Work] = []
        done: list[Done] = []
        for work in works:
            if work.problem is not None and work.task is Task.CREATE:
                done.append(self.judge.not_sendable(work, work.problem))
            else:
                ready.append(work)
        if not isinstance(self.adapter, Adapter):
            return self._drop(self.adapter, ready, done)
        adapter = self.adapter
        began = time.monotonic()
        try:
            call, ready, more = self._call(adapter, ready)
            done += more
            if call is None:
                return self._result(done)
            reply = self.line.send(call)
        except NotSentError as error:
            done += [self.judge.not_sent(work, str(error)) for work in ready]
            return self._result(done, worked=False, trouble=f"unreachable: {error}")
        except NoAnswerError as error:
            done += [self.judge.no_answer(work, str(error)) for work in ready]
            return self._result(done, worked=False, trouble=f"no answer: {error}")
        took = time.monotonic() - began
        said = self._read(adapter, ready, reply)
        done += [self.judge.said(work, one) for work, one in zip(ready, said, strict=True)]
        self.alone.update(_key(work) for work, one in zip(ready, said, strict=True) if one.alone)
        outage = next((one for one in said if one.outage), None)
        trouble = f"{outage.code} {outage.words}".strip() if outage else ""
        return self._result(done, worked=outage is None, trouble=trouble, seconds=took)

    def _drop(self, adapter: Dropper, works: list[Work], done: list[Done]) -> Result:
        """Do the work of a destination that is no interface."""
        if not works:
            return self._result(done)
        deliveries = [work.delivery for work in works if work.delivery is not None]
        try:
            if works[0].task is Task.ASK:
                said = {deliveries[0].number: adapter.find(deliveries[0], self.access)}
            elif works[0].task is Task.CANCEL:
                said = {deliveries[0].number: adapter.withdraw(deliveries[0], self.access)}
            else:
                kept = []
                for work, delivery in zip(works, deliveries, strict=True):
                    try:
                        adapter.check(delivery, self.access)
                        kept.append(work)
                    except NotSendableError as error:
                        done.append(self.judge.not_sendable(work, error.message))
                works = kept
                said = adapter.drop([w.delivery for w in works if w.delivery is not None], self.access) if works else {}
        except OSError as error:
            done += [self.judge.no_answer(work, type(error).__name__) for work in works]
            return self._result(done, worked=False, trouble=f"{type(error).__name__}: {error.strerror}")
        done += [self.judge.said(work, said[work.delivery.number]) for work in works if work.delivery is not None]
        return self._result(done, worked=True)

    def _call(self, adapter: Adapter, works: list[Work]) -> tuple[Call | None, list[Work], list[Done]]:
        """Build the call for these works; those that can not be sent or asked are judged at once."""
        now = datetime.now(UTC)
        done: list[Done] = []
        ready: list[Work] = []
        for work in works:
            if work.delivery is None:
                raise LookupError(f"order {work.order_id} is gone")
            try:
                if len(works) > 1:
                    adapter.check(work.delivery, self.access)
                ready.append(work)
            except NotSendableError as error:
                done.append(self.judge.not_sendable(work, error.message))
        if not ready:
            return None, [], done
        first = ready[0]
        deliveries = [work.delivery for work in ready if work.delivery is not None]
        try:
            if first.task in {Task.ASK, Task.CHECK}:
                call = adapter.ask(deliveries[0], self.access, now)
            elif first.task is Task.CANCEL:
                call = adapter.cancel(deliveries[0], self.access, now)
            else:
                call = adapter.create(deliveries, self.access, now)
        except NotSendableError as error:
            return None, [], [*done, self.judge.not_sendable(first, error.message)]
        if call is None:
            return None, [], [*done, self.judge.can_not_ask(first)]
        return call, ready, done

    def _read(self, adapter: Adapter, works: Sequence[Work], reply: Reply) -> list[Said]:
        deliveries = [work.delivery for work in works if work.delivery is not None]
        if works[0].task is Task.ASK:
            return [adapter.asked(deliveries[0], reply, self.access)]
        if works[0].task is Task.CHECK and isinstance(adapter, Confirming):
            return [adapter.stopped(deliveries[0], reply, self.access)]
        if works[0].task is Task.CANCEL:
            return [adapter.cancelled(deliveries[0], reply, self.access)]
        said = adapter.created(deliveries, reply, self.access)
        return [said[delivery.number] for delivery in deliveries]

    def _result(
        self, done: Sequence[Done], *, worked: bool | None = None, trouble: str = "", seconds: float = 0.0
    ) -> Result:
        if worked is not None:
            self.failing = 0 if worked else self.failing + 1
        return Result(self, tuple(done), worked, trouble, seconds)


def _key(work: Work) -> tuple[int, int]:
    return work.order_id, work.revision
