"""Asking a warehouse how deliveries stand there: to catch up after silence, to compare books, to test a connection."""

import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Final

from qingdan.fulfilment.adapters import ADAPTERS, access
from qingdan.fulfilment.delivery import Delivery
from qingdan.fulfilment.facts import deliveries
from qingdan.fulfilment.models import Destination
from qingdan.fulfilment.transport import Limits, Line, NoAnswerError, NotSentError
from qingdan.fulfilment.wms import Access, Adapter, Event, Holding, Meaning, NotSendableError, Reply, Said, Telling

_LIMITS: Final = Limits(connect=3.0, read=10.0, total=15.0)


@dataclass(frozen=True, slots=True)
class Standing:
    """How a delivery stands: whether it is there, and what happened to it where the interface says so."""

    order_id: int
    said: Said
    event: Event | None = None


@dataclass(frozen=True, slots=True)
class Tried:
    """What a test of a connection showed: ``ok``, or why not; ``ms`` is how long the answer took."""

    ok: bool
    code: str
    words: str = ""
    ms: int | None = None


def ask(destination: Destination, revisions: Mapping[int, int], *, seconds: float = 60.0) -> list[Standing]:
    """Ask a warehouse for the deliveries of orders (order → revision), as many at a time as the destination allows.

    What is not answered within ``seconds`` is left out. An interface that can not be asked answers nothing.
    """
    adapter, to = ADAPTERS.get(destination.adapter), access(destination)
    if adapter is None or not revisions:
        return []
    found = deliveries(list(revisions), revisions)
    asked = [delivery for delivery, _ in found.values() if delivery is not None]
    if not isinstance(adapter, Adapter):
        return [Standing(delivery.order_id, adapter.find(delivery, to)) for delivery in asked]
    line, until = Line(_LIMITS), time.monotonic() + seconds
    with ThreadPoolExecutor(max(1, destination.concurrency)) as pool:
        one = partial(_ask, adapter, to, line, until)
        told = [standing for standing in pool.map(one, asked) if standing is not None]
    line.close()
    return told


def tells(destination: Destination) -> bool:
    """Whether a warehouse says how far a delivery is when it is asked for it."""
    return isinstance(ADAPTERS.get(destination.adapter), Telling)


def _ask(adapter: Adapter, to: Access, line: Line, until: float, delivery: Delivery) -> Standing | None:
    if time.monotonic() > until:
        return None
    try:
        call = adapter.ask(delivery, to, datetime.now(UTC))
        if call is None:
            return None
        reply = line.send(call)
    except (NotSentError, NoAnswerError, NotSendableError):
        return None
    event = adapter.standing(delivery, reply, to) if isinstance(adapter, Telling) else None
    return Standing(delivery.order_id, adapter.asked(delivery, reply, to), event)


def hold(destination: Destination, order_id: int, revision: int, *, restore: bool) -> Said | None:
    """Ask a warehouse to hold a delivery back, or to let it go on; None when its interface knows no such thing.

    Holding twice is harmless, so a call without an answer may be made again.
    """
    adapter, to = ADAPTERS.get(destination.adapter), access(destination)
    if not isinstance(adapter, Holding):
        return None
    delivery, _ = deliveries([order_id], {order_id: revision})[order_id]
    if delivery is None:
        return None
    line = Line(_LIMITS)
    try:
        return adapter.held(line.send(adapter.pending(delivery, to, datetime.now(UTC), restore=restore)))
    except (NotSentError, NoAnswerError) as error:
        return Said(Meaning.UNCLEAR, "unreachable" if isinstance(error, NotSentError) else "no_answer", str(error))
    finally:
        line.close()


def test(destination: Destination) -> Tried:
    """Ask a warehouse for a delivery that there is not: who says so knows our key and can be reached."""
    adapter, to = ADAPTERS[destination.adapter], access(destination)
    if not isinstance(adapter, Adapter):
        return _folder(to)
    nobody = Delivery(0, 1, {}, (), None, datetime.now(UTC), "", None, urgent=False)
    line, began = Line(_LIMITS), time.monotonic()
    try:
        call = adapter.ask(nobody, to, datetime.now(UTC))
        if call is None:
            return Tried(ok=False, code="cannot_ask")
        reply = line.send(call)
    except NotSentError as error:
        return Tried(ok=False, code="unreachable", words=str(error))
    except NoAnswerError as error:
        return Tried(ok=False, code="no_answer", words=str(error))
    except (NotSendableError, ValueError, KeyError) as error:
        return Tried(ok=False, code="settings", words=str(error)[:200])
    finally:
        line.close()
    said = adapter.asked(nobody, reply, to)
    ok = said.meaning in {Meaning.ABSENT, Meaning.TAKEN}
    words = said.words or ("" if ok else _begin(reply))
    return Tried(ok, "ok" if ok else said.code or "refused", words[:200], int((time.monotonic() - began) * 1000))


def _folder(to: Access) -> Tried:
    folder = Path(to.setting("folder"))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / ".qingdan-test"
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        return Tried(ok=False, code="folder", words=f"{type(error).__name__}: {error.strerror}")
    return Tried(ok=True, code="ok")


def _begin(reply: Reply) -> str:
    return f"HTTP {reply.status}"
