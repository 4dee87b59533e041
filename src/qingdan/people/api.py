"""HTTP of people: the session and saved views."""

from datetime import datetime
from typing import Annotated, Any, Final

from django.conf import settings
from django.contrib.auth import login as start_session
from django.contrib.auth import logout as end_session
from django.http import HttpRequest
from django.middleware.csrf import get_token
from ninja import Field, Router, Schema, Status

from qingdan.core.message import LANGUAGES
from qingdan.people import actions, notices, queries
from qingdan.people.access import ANYONE, Needs, Request, address_of
from qingdan.people.demo import DEMO_PASSWORD, DEMO_PEOPLE
from qingdan.people.errors import RightMissingError
from qingdan.people.models import SavedView, User
from qingdan.people.rights import Right

router = Router(tags=["people"])

_BACKEND: Final = "django.contrib.auth.backends.ModelBackend"


class Named(Schema):
    """A thing with an id and a name."""

    id: int
    name: str


class UserOut(Schema):
    """The person who is logged in."""

    id: int
    name: str
    login: str
    roles: list[str]
    merchant: Named


class DemoLogin(Schema):
    """A login anybody may use; only in demo mode."""

    login: str
    password: str
    name: str
    role: str


class OrderNoticeOut(Schema):
    """A change that matters of an order that the person answers for; ``alerts`` says what happened."""

    id: str
    at: datetime
    order_id: int
    order_no: str
    channel: str
    stage: str
    alerts: list[str]


class NoticesOut(Schema):
    """The newest unread notices, and how many there are in all."""

    rows: list[OrderNoticeOut]
    total: int


class ReadIn(Schema):
    """Which notices were read, or all that there are."""

    ids: list[Annotated[str, Field(max_length=40)]] = Field(max_length=notices.MOST)
    all: bool = False


class SessionOut(Schema):
    """Who is logged in, and what the user interface needs before its first page."""

    user: UserOut | None
    rights: list[str]
    zone: str
    demo_logins: list[DemoLogin]
    languages: list[str]


class LoginIn(Schema):
    """What the login page sends."""

    login: str = Field(max_length=64)
    password: str = Field(max_length=256)


class ViewIn(Schema):
    """A view to keep."""

    name: str = Field(min_length=1, max_length=64)
    query: str = Field(max_length=2000)
    shared: bool = False


class ViewOut(Schema):
    """A saved view; ``query`` is the query part of the orders page's address."""

    id: int
    name: str
    query: str
    shared: bool
    owner: Named
    mine: bool


def _session(user: object) -> SessionOut:
    known = user if isinstance(user, User) else None
    return SessionOut(
        user=UserOut(
            id=known.id,
            name=known.name,
            login=known.login,
            roles=known.roles,
            merchant=Named(id=known.merchant.id, name=known.merchant.name),
        )
        if known
        else None,
        rights=sorted(known.rights) if known else [],
        zone=settings.SHOP_ZONE,
        demo_logins=[
            DemoLogin(login=person.login, password=DEMO_PASSWORD, name=person.name, role=person.role.value)
            for person in DEMO_PEOPLE
        ]
        if settings.DEMO
        else [],
        languages=list(LANGUAGES),
    )


def _view(view: SavedView, user: User) -> ViewOut:
    return ViewOut(
        id=view.id,
        name=view.name,
        query=view.query,
        shared=view.shared,
        owner=Named(id=view.user.id, name=view.user.name),
        mine=view.user_id == user.id,
    )


@router.get("/session", auth=ANYONE, response=SessionOut)
def get_session(request: HttpRequest) -> SessionOut:
    """Say who is logged in; also sets the CSRF cookie that every change must send back as ``X-CSRFToken``."""
    get_token(request)
    return _session(request.user)


@router.post("/session", auth=ANYONE, response=SessionOut)
def log_in(request: HttpRequest, body: LoginIn) -> SessionOut:
    """Log in; the session id and the CSRF token change."""
    user = actions.check_login(
        request=request,
        login=body.login,
        password=body.password,
        address=address_of(request),
    )
    start_session(request, user, backend=_BACKEND)
    return _session(user)


@router.delete("/session", auth=ANYONE, response=SessionOut)
def log_out(request: HttpRequest) -> SessionOut:
    """Log out; the session is deleted on the server."""
    end_session(request)
    return _session(None)


@router.get("/views", auth=Needs(Right.ORDERS_VIEW), response=list[ViewOut])
def list_views(request: Request) -> list[ViewOut]:
    """List the person's own saved views and those that colleagues share."""
    return [_view(view, request.auth) for view in queries.views_for(request.auth)]


@router.post("/views", auth=Needs(Right.ORDERS_VIEW), response=ViewOut)
def save_view(request: Request, body: ViewIn) -> ViewOut:
    """Keep a view under its name, replacing the person's view of that name."""
    if body.shared and Right.VIEWS_SHARE not in request.auth.rights:
        raise RightMissingError(Right.VIEWS_SHARE.value)
    view = actions.save_view(user=request.auth, name=body.name, query=body.query, shared=body.shared)
    return _view(view, request.auth)


@router.delete("/views/{int:view_id}", auth=Needs(Right.ORDERS_VIEW), response={204: None})
def delete_view(request: Request, view_id: int) -> Status[None]:
    """Delete one of the person's own views."""
    actions.delete_view(user=request.auth, view_id=view_id)
    return Status(204, None)


@router.get("/notices", auth=Needs(Right.ORDERS_VIEW), response=NoticesOut)
def list_notices(request: Request) -> dict[str, Any]:
    """List the newest changes that matter and that the person has not read."""
    return notices.unread(request.auth)


@router.post("/notices/read", auth=Needs(Right.ORDERS_VIEW), response=NoticesOut)
def read_notices(request: Request, body: ReadIn) -> dict[str, Any]:
    """Mark notices as read; returns those that are left."""
    notices.read(request.auth, body.ids, every=body.all)
    return notices.unread(request.auth)
