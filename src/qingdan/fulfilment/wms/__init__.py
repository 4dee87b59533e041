"""What all warehouse interfaces have in common: calls as plain data, and what their answers mean.

An adapter is pure: it builds the bytes of a call and reads the bytes of a reply. Sending, time limits, retries and
the database are the relay's. So every adapter is tested without a network, and none can wait, retry or log by itself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol, runtime_checkable

from qingdan.core.message import Message
from qingdan.fulfilment.delivery import Delivery


class Meaning(StrEnum):
    """What a reply says of our call."""

    TAKEN = "taken"
    """It is at the warehouse (create, ask); stopped there (cancel)."""
    ABSENT = "absent"
    """Asked for it: the warehouse does not have it."""
    REFUSED = "refused"
    """The warehouse will not take it as it is; a person must look. For a cancel: it can not be stopped any more."""
    LATER = "later"
    """Certainly not taken, and worth another try: busy, limited."""
    WAIT = "wait"
    """Accepted for later judgement; the warehouse will say, or can be asked."""
    UNCLEAR = "unclear"
    """It may have been taken, or not."""


@dataclass(frozen=True, slots=True)
class Access:
    """How to reach one destination: its settings as the adapter names them, and its opened secret."""

    destination: int
    name: str
    settings: Mapping[str, Any]
    secret: str = field(repr=False)

    def setting(self, name: str, default: str = "") -> str:
        """Text of a setting."""
        return str(self.settings.get(name) or default)


@dataclass(frozen=True, slots=True)
class Call:
    """One HTTP request, as it goes out."""

    url: str
    body: bytes
    headers: Mapping[str, str]
    method: str = "POST"


@dataclass(frozen=True, slots=True)
class Reply:
    """One HTTP response."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Said:
    """What a reply means for one delivery; ``words`` are the warehouse's own, for a person to read.

    ``outage`` says that the destination as a whole is at fault, so that it is not held against the order. ``alone``
    says that a batch was turned down because of one in it: each is sent by itself next time.
    """

    meaning: Meaning
    code: str = ""
    words: str = ""
    warehouse_no: str = ""
    outage: bool = False
    alone: bool = False


@dataclass(frozen=True, slots=True)
class Incoming:
    """A message from a warehouse, as it came in: the address's parameters, the headers, the bytes."""

    params: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class ParcelTold:
    """One parcel that the warehouse shipped; ``items`` are (item code, quantity).

    Who names lines instead of items gives ``of_lines``: (line number, quantity, 0 for all of the line).
    """

    carrier: str
    carrier_name: str
    tracking_no: str
    items: tuple[tuple[str, int], ...] = ()
    of_lines: tuple[tuple[str, int], ...] = ()


class Happened(StrEnum):
    """What a warehouse tells us of a delivery."""

    SHIPPED = "shipped"
    """All of it has left."""
    PARTLY = "partly"
    """Some of it has left, more will."""
    STOPPED = "stopped"
    """The warehouse cancelled or closed it."""
    TROUBLE = "trouble"
    """It can not go on without a person: lack of stock, refused, damaged."""
    MOVED = "moved"
    """It went a step further: accepted, printed, picked, packed."""
    ANSWERED = "answered"
    """The late answer to a call of ours; ``said`` holds it."""


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened to one delivery."""

    kind: Happened
    number: str
    status: str = ""
    parcels: tuple[ParcelTold, ...] = ()
    said: Said | None = None
    words: str = ""


@dataclass(frozen=True, slots=True)
class Heard:
    """An authentic message: its events; ``event_id`` is the warehouse's own number for it, the key against doubles."""

    method: str
    event_id: str
    signature: str
    events: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class Window:
    """What a warehouse is asked for when it is asked what it has shipped: a span of time, and a page from 0."""

    since: datetime
    until: datetime
    page: int = 0


@dataclass(frozen=True, slots=True)
class Told:
    """One shipment of a poll's answer; ``event_id`` is the warehouse's own number for it."""

    event_id: str
    event: Event


@dataclass(frozen=True, slots=True)
class Polled:
    """The answer to a poll; ``more`` says that another page waits, ``problem`` that it can not be used."""

    told: tuple[Told, ...] = ()
    more: bool = False
    problem: Said | None = None


class UnauthenticError(Exception):
    """A message whose signature is missing, wrong or too old: HTTP 401."""


class BadMessageError(Exception):
    """An authentic message that can not be read."""


class NotSendableError(Exception):
    """A delivery that must not be sent as it is; ``message`` says why."""

    def __init__(self, message: Message) -> None:
        super().__init__(message.text("en"))
        self.message = message


@runtime_checkable
class Adapter(Protocol):
    """One kind of warehouse interface."""

    honours_key: bool
    """Whether the same delivery number sent twice takes effect once."""
    token_channels: frozenset[str] | None
    """Channels whose token stands for a masked receiver here; None: all of them."""

    def at_once(self, to: Access) -> int:
        """How many deliveries one ``create`` may carry."""

    def check(self, delivery: Delivery, to: Access) -> None:
        """Raise ``NotSendableError`` when the warehouse could not ship it: in a batch, one's fault is not all's."""

    def create(self, deliveries: Sequence[Delivery], to: Access, now: datetime) -> Call:
        """Build the call that asks the warehouse to ship; raises ``NotSendableError`` before anything is sent."""

    def created(self, deliveries: Sequence[Delivery], reply: Reply, to: Access) -> dict[str, Said]:
        """Read its reply: what it means for each delivery, by delivery number."""

    def ask(self, delivery: Delivery, to: Access, now: datetime) -> Call | None:
        """Build the call that asks whether the warehouse has a delivery; None when it can not be asked."""

    def asked(self, delivery: Delivery, reply: Reply, to: Access) -> Said:
        """Read its reply: taken, absent, refused (it is there, and was cancelled there), or unclear."""

    def cancel(self, delivery: Delivery, to: Access, now: datetime) -> Call | None:
        """Build the call that stops a delivery; None when the interface knows no such thing."""

    def cancelled(self, delivery: Delivery, reply: Reply, to: Access) -> Said:
        """Read its reply: taken (it was stopped), refused (too late), later, unclear, or wait: ``stopped`` tells."""


@runtime_checkable
class Confirming(Protocol):
    """An interface that takes a stop and carries it out later: whether it managed is read from ``ask``'s reply."""

    def stopped(self, delivery: Delivery, reply: Reply, to: Access) -> Said:
        """Read whether a stop took effect: taken, refused (it left), wait, or unclear."""


@runtime_checkable
class Telling(Protocol):
    """An interface whose answer to ``ask`` also says how far a delivery is."""

    def standing(self, delivery: Delivery, reply: Reply, to: Access) -> Event | None:
        """Read it; nothing when the answer does not say. Without parcels it is not known what left with whom."""


@runtime_checkable
class Holding(Protocol):
    """An interface that can hold a delivery back before it is picked, and let it go on."""

    def pending(self, delivery: Delivery, to: Access, now: datetime, *, restore: bool = False) -> Call:
        """Build the call."""

    def held(self, reply: Reply) -> Said:
        """Read its reply: taken, refused (too late, or not there), later, or unclear."""


@runtime_checkable
class Poller(Protocol):
    """An interface that tells nothing by itself: it is asked again and again what it has shipped."""

    paged: bool
    """Whether a window is read page by page; otherwise what is acknowledged leaves the first page."""

    def poll(self, to: Access, window: Window, now: datetime) -> Call:
        """Build the call that asks what was shipped."""

    def polled(self, reply: Reply, to: Access) -> Polled:
        """Read its reply."""

    def acknowledge(self, ours: Mapping[str, bool], to: Access, now: datetime) -> Call | None:
        """Build the call that says what we took in: event id → whether it was one of ours; None: not wanted."""


class Dropper(Protocol):
    """A destination that is no HTTP interface: its work is done on the spot. Raises ``OSError`` when it can not be."""

    honours_key: bool
    token_channels: frozenset[str] | None

    def at_once(self, to: Access) -> int:
        """How many deliveries one ``drop`` may carry."""

    def check(self, delivery: Delivery, to: Access) -> None:
        """Raise ``NotSendableError`` when it could not be shipped."""

    def drop(self, deliveries: Sequence[Delivery], to: Access) -> dict[str, Said]:
        """Hand the deliveries over, all or none."""

    def find(self, delivery: Delivery, to: Access) -> Said:
        """Say whether a delivery was handed over."""

    def withdraw(self, delivery: Delivery, to: Access) -> Said:
        """Call a delivery back, or say that it is too late."""


class Listener(Protocol):
    """The other direction of an interface: what the warehouse tells us."""

    def hear(self, message: Incoming, to: Access, now: datetime) -> Heard:
        """Check the signature and read the message; raises ``UnauthenticError`` or ``BadMessageError``."""

    def reply(self, problem: str = "") -> tuple[str, bytes]:
        """Return content type and body of our answer: well received, or what the problem is."""


def outage_of(reply: Reply) -> Said | None:
    """What the HTTP status alone says: None when the body must be read."""
    if reply.status == 200:
        return None
    code = f"http_{reply.status}"
    if reply.status >= 500 or reply.status == 408:
        return Said(Meaning.UNCLEAR, code, outage=True)
    # refused before anybody looked at the order: a wrong address, a missing right, a limit
    return Said(Meaning.LATER, code, outage=True)
