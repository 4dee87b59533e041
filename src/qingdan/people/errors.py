"""What people's verbs refuse, and why; ``web.errors`` presents them."""

from qingdan.core.message import Message
from qingdan.people import messages


class PeopleError(Exception):
    """A refusal that a person can read."""

    def __init__(self, message: Message) -> None:
        super().__init__(message.text("en"))
        self.message = message


class LoginRefusedError(PeopleError):
    """Login and password do not belong together, or the account is closed."""

    def __init__(self) -> None:
        super().__init__(messages.LOGIN_REFUSED)


class TooManyAttemptsError(PeopleError):
    """This login failed too often from this address."""

    def __init__(self, minutes: int) -> None:
        super().__init__(messages.too_many_attempts(minutes))
        self.retry_after_seconds = minutes * 60


class WeakPasswordError(PeopleError):
    """The password is too short or too common."""

    def __init__(self, reasons: str) -> None:
        super().__init__(messages.weak_password(reasons))


class LoginTakenError(PeopleError):
    """Another user has this login."""

    def __init__(self, login: str) -> None:
        super().__init__(messages.login_taken(login))


class NoSuchUserError(PeopleError):
    """Nobody has this login."""

    def __init__(self, login: str) -> None:
        super().__init__(messages.no_such_user(login))


class NoSuchViewError(PeopleError):
    """There is no such saved view among those this person may change."""

    def __init__(self) -> None:
        super().__init__(messages.NO_SUCH_VIEW)


class NotThereError(PeopleError):
    """There is no such user, team, calendar, shift or leave at this merchant's."""

    def __init__(self) -> None:
        super().__init__(messages.NOT_THERE)


class NameInUseError(PeopleError):
    """Another one has this name."""

    def __init__(self, name: str) -> None:
        super().__init__(messages.name_in_use(name))


class BadTeamError(PeopleError):
    """Teams, hours or leave that can not be meant."""


class OwnAccountError(PeopleError):
    """Nobody locks herself out."""

    def __init__(self) -> None:
        super().__init__(messages.OWN_ACCOUNT)


class RightMissingError(PeopleError):
    """The person's roles do not give the right that the operation asks for."""

    def __init__(self, right: str) -> None:
        super().__init__(messages.right_missing(right))


class CrossSiteError(PeopleError):
    """The request did not carry this site's CSRF token."""

    def __init__(self) -> None:
        super().__init__(messages.CROSS_SITE)
