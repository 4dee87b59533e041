"""What the verbs on cases refuse, and why; ``web.errors`` presents them."""

from collections.abc import Mapping
from typing import Any

from qingdan.cases.messages import message
from qingdan.core.message import Message


class CasesError(Exception):
    """A refusal that a person can read."""

    def __init__(self, said: Message, details: Mapping[str, Any] | None = None) -> None:
        super().__init__(said.text("en"))
        self.message = said
        self.details = dict(details or {})


class NoSuchCaseError(CasesError):
    """The merchant has no such case, comment, link or template: HTTP 404."""

    def __init__(self) -> None:
        super().__init__(message("case.not_found"))


class CaseMovedError(CasesError):
    """Somebody changed the case after it was read: HTTP 409."""


class CaseRefusedError(CasesError):
    """The case is not where this can be done, or something is missing: HTTP 422."""


class NotYoursError(CasesError):
    """Another person has to do this: HTTP 403."""


class CaseNameTakenError(CasesError):
    """Another thing has this name: HTTP 409."""

    def __init__(self, name: str) -> None:
        super().__init__(message("case.name_taken", name=name))
