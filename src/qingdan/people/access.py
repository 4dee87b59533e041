"""The one door of the HTTP API: every operation declares the right it asks for."""

from typing import Final

from django.http import HttpRequest
from ninja.errors import HttpError
from ninja.security import SessionAuth

from qingdan.people.errors import CrossSiteError, RightMissingError
from qingdan.people.models import User
from qingdan.people.rights import Right


class Request(HttpRequest):
    """A request that passed the door: ``auth`` is the person, whose ``merchant_id`` scopes every read."""

    auth: User


def address_of(request: HttpRequest) -> str:
    """Return the network address that a request came from."""
    return request.META.get("REMOTE_ADDR") or ""


class _Session(SessionAuth):
    """Django's session with the CSRF check, refusing in our own words."""

    def _get_key(self, request: HttpRequest) -> str | None:
        try:
            return super()._get_key(request)
        except HttpError as refused:
            raise CrossSiteError from refused


class Needs(_Session):
    """Lets in a logged-in person whose roles give ``right``."""

    def __init__(self, right: Right) -> None:
        super().__init__()
        self.right = right

    def authenticate(self, request: HttpRequest, key: str | None) -> User | None:  # noqa: ARG002 - ninja calls it so
        """Return the person, or None when nobody is logged in; raise ``RightMissingError``."""
        user = request.user
        if not isinstance(user, User) or not user.is_active:
            return None
        if self.right not in user.rights:
            raise RightMissingError(self.right.value)
        return user


class Anyone(_Session):
    """Lets in whoever asks, logged in or not; changes still need the CSRF token."""

    def authenticate(self, request: HttpRequest, key: str | None) -> object:  # noqa: ARG002 - ninja calls it so
        """Return the person or the anonymous user."""
        return request.user


class _Nobody(_Session):
    """Default of the API, so that an operation without a declared right lets nobody in."""

    def authenticate(self, request: HttpRequest, key: str | None) -> None:
        """Refuse."""


ANYONE: Final = Anyone()
NOBODY: Final = _Nobody()
