"""What the verbs on policies refuse, and why; ``web.errors`` presents them."""

from collections.abc import Mapping
from typing import Any

from qingdan.core.message import Message
from qingdan.policies import messages


class PoliciesError(Exception):
    """A refusal that a person can read."""

    def __init__(self, message: Message, details: Mapping[str, Any] | None = None) -> None:
        super().__init__(message.text("en"))
        self.message = message
        self.details = dict(details or {})


class NotThereError(PoliciesError):
    """The merchant has no such draft, version, table or run: HTTP 404."""

    def __init__(self) -> None:
        super().__init__(messages.NOT_THERE)


class StaleDraftError(PoliciesError):
    """Somebody saved the draft after it was opened: HTTP 409."""

    def __init__(self, version: int, by: str) -> None:
        super().__init__(messages.stale_draft(version, by), {"version": version, "changed_by": by})


class FaultyError(PoliciesError):
    """The text has errors, so it can not decide anything: HTTP 422."""

    def __init__(self, faults: int, first: str) -> None:
        super().__init__(messages.faulty(faults, first))


class UnreadableSheetError(PoliciesError):
    """An uploaded sheet is no table of a policy: HTTP 422."""

    def __init__(self, head: str) -> None:
        super().__init__(messages.unreadable_sheet(head))


class NotNowError(PoliciesError):
    """The step does not follow from where things are: HTTP 409."""

    def __init__(self, because: str) -> None:
        super().__init__(messages.not_now(because), {"because": because})


class SecondPersonError(PoliciesError):
    """A second person must agree: HTTP 403."""

    def __init__(self) -> None:
        super().__init__(messages.SECOND_PERSON)


class RunningError(PoliciesError):
    """The policy is being applied already: HTTP 409."""

    def __init__(self) -> None:
        super().__init__(messages.RUNNING)


class NameTakenError(PoliciesError):
    """There is a template of that name: HTTP 409."""

    def __init__(self, name: str) -> None:
        super().__init__(messages.name_taken(name))
