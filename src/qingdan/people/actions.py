"""Verbs on people: create, set a password, check a login, keep a view."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Final

from django.contrib.auth import authenticate
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.http import HttpRequest

from qingdan.people.errors import (
    LoginRefusedError,
    LoginTakenError,
    NoSuchUserError,
    NoSuchViewError,
    NotThereError,
    OwnAccountError,
    TooManyAttemptsError,
    WeakPasswordError,
)
from qingdan.people.models import Access, LoginAttempts, SavedView, User
from qingdan.people.rights import Right, Role, rights_of

ATTEMPTS_BY_PAIR: Final = 5
"""Failed attempts with one login from one address before it is locked."""

ATTEMPTS_BY_ADDRESS: Final = 50
"""Failed attempts from one address, whatever the logins."""

LOCKED_FOR: Final = timedelta(minutes=15)

_COUNT_ATTEMPT: Final = """
INSERT INTO people_loginattempts AS a (login, address, count, last_at)
VALUES (%(login)s, %(address)s, 1, now())
ON CONFLICT (login, address) DO UPDATE
   SET count = CASE WHEN a.last_at < now() - make_interval(secs => %(window)s) THEN 1 ELSE a.count + 1 END,
       last_at = CASE WHEN a.last_at < now() - make_interval(secs => %(window)s) OR a.count < %(by_pair)s
                      THEN now() ELSE a.last_at END
RETURNING count > %(by_pair)s
       OR %(by_address)s <= (SELECT coalesce(sum(o.count), 0) FROM people_loginattempts o
                              WHERE o.address = %(address)s AND o.last_at >= now() - make_interval(secs => %(window)s))
"""
"""Count an attempt before the password is looked at, so that parallel guesses are all counted. A locked pair
keeps the time of its last counted attempt: hammering on does not lengthen the lock."""


@transaction.atomic
def create_user(
    *, login: str, name: str, merchant_id: int, roles: Iterable[Role], password: str, staff: bool = False
) -> User:
    """Create a user; raise ``LoginTakenError`` or ``WeakPasswordError``."""
    login = login.strip().lower()
    if User.objects.filter(login=login).exists():
        raise LoginTakenError(login)
    user = User(login=login, name=name, merchant_id=merchant_id, roles=[role.value for role in roles], is_staff=staff)
    _set_password(user, password)
    user.save(force_insert=True)
    return user


@transaction.atomic
def change_password(*, login: str, password: str) -> User:
    """Set a user's password, which ends that user's sessions.

    Raises ``NoSuchUserError`` or ``WeakPasswordError``.
    """
    login = login.strip().lower()
    user = User.objects.select_for_update().filter(login=login).first()
    if user is None:
        raise NoSuchUserError(login)
    _set_password(user, password)
    user.save(update_fields=["password"])
    LoginAttempts.objects.filter(login=login).delete()
    return user


@transaction.atomic
def change_user(*, by: User, user_id: int, name: str, roles: Iterable[Role], active: bool) -> User:
    """Change a colleague's name, roles and whether she may log in; switching off ends her sessions.

    Raises ``NotThereError`` or ``OwnAccountError``.
    """
    user = User.objects.select_for_update().filter(merchant_id=by.merchant_id, pk=user_id).first()
    if user is None:
        raise NotThereError
    chosen = [role.value for role in roles]
    if user.pk == by.pk and not (active and Right.USERS_MANAGE in rights_of(chosen)):
        raise OwnAccountError
    user.name, user.roles, user.is_active = name, chosen, active
    user.save(update_fields=["name", "roles", "is_active"])
    return user


def check_login(*, request: HttpRequest, login: str, password: str, address: str) -> User:
    """Return the user whom ``login`` and ``password`` name.

    Raises ``LoginRefusedError`` or ``TooManyAttemptsError``.
    """
    login = login.strip().lower()[:64]
    with connection.cursor() as cursor:
        cursor.execute(
            _COUNT_ATTEMPT,
            {
                "login": login,
                "address": address,
                "window": LOCKED_FOR.total_seconds(),
                "by_pair": ATTEMPTS_BY_PAIR,
                "by_address": ATTEMPTS_BY_ADDRESS,
            },
        )
        locked = bool(cursor.fetchone()[0])
    if locked:
        raise TooManyAttemptsError(int(LOCKED_FOR.total_seconds() // 60))
    user = authenticate(request, login=login, password=password)
    if not isinstance(user, User):
        raise LoginRefusedError
    LoginAttempts.objects.filter(login=login, address=address).delete()
    return user


@transaction.atomic
def save_view(*, user: User, name: str, query: str, shared: bool) -> SavedView:
    """Keep a view under its name; saving under a name one already uses replaces that view."""
    view, _ = SavedView.objects.update_or_create(user=user, name=name, defaults={"query": query, "shared": shared})
    return view


@transaction.atomic
def delete_view(*, user: User, view_id: int) -> None:
    """Delete one of the person's own views; raise ``NoSuchViewError``."""
    deleted, _ = SavedView.objects.filter(user=user, id=view_id).delete()
    if not deleted:
        raise NoSuchViewError


def record_access(
    *,
    user: User,
    operation: Access.Operation,
    address: str,
    order_id: int | None = None,
    reason: str = "",
    details: Mapping[str, object] | None = None,
) -> None:
    """Record that a person saw personal data or exported orders; call this before the data is handed out."""
    Access.objects.create(
        merchant_id=user.merchant_id,
        user=user,
        operation=operation,
        order_id=order_id,
        reason=reason,
        details=dict(details or {}),
        address=address,
    )


def _set_password(user: User, password: str) -> None:
    try:
        validate_password(password, user)
    except ValidationError as refused:
        raise WeakPasswordError(" ".join(refused.messages)) from refused
    user.set_password(password)
