"""The one place where an error becomes an HTTP response."""

import logging
import secrets
from collections.abc import Callable, Mapping
from typing import Any, Final

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation, TooManyFilesSent
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from qingdan.alerts import outlets as alerts
from qingdan.alerts import setting as alert_settings
from qingdan.campaigns import errors as campaigns
from qingdan.cases import errors as cases
from qingdan.core.message import Message
from qingdan.customers import actions as customers
from qingdan.desk import errors as desk
from qingdan.finance import actions as finance
from qingdan.fulfilment import actions as fulfilment
from qingdan.insight import actions as insight
from qingdan.intake import mappings
from qingdan.intake import present as imports
from qingdan.orders import actions as orders
from qingdan.oversight import actions as oversight
from qingdan.people import errors as people
from qingdan.policies import errors as policies
from qingdan.web import messages

_log: Final = logging.getLogger(__name__)

STATUS_OF: Final[dict[type[Exception], int]] = {
    alerts.NoSuchAlertError: 404,
    alerts.BadOutletError: 422,
    alerts.TooSoonError: 429,
    alert_settings.BadRouteError: 422,
    people.NotThereError: 404,
    people.NameInUseError: 409,
    people.BadTeamError: 422,
    people.OwnAccountError: 422,
    campaigns.NoSuchCampaignError: 404,
    campaigns.CampaignMovedError: 409,
    campaigns.CampaignRefusedError: 422,
    cases.NoSuchCaseError: 404,
    cases.CaseMovedError: 409,
    cases.CaseNameTakenError: 409,
    cases.CaseRefusedError: 422,
    cases.NotYoursError: 403,
    customers.NoSuchEntryError: 404,
    customers.KnownEntryError: 409,
    customers.BadEntryError: 422,
    desk.NoSuchThingError: 404,
    desk.TakenError: 409,
    desk.StaleError: 409,
    desk.NotAllowedError: 403,
    desk.RefusedError: 422,
    finance.NoSuchPaymentError: 404,
    finance.PaymentMovedError: 409,
    finance.BadNoteError: 422,
    fulfilment.NoSuchPushError: 404,
    fulfilment.NotNowError: 409,
    fulfilment.BadSettingsError: 422,
    orders.NotFoundError: 404,
    orders.ConflictError: 409,
    orders.MoveRefusedError: 422,
    insight.NoReportError: 404,
    insight.TooManyError: 422,
    oversight.NotThereError: 404,
    oversight.OverError: 409,
    oversight.BadReasonError: 422,
    imports.NoSuchImportError: 404,
    imports.NotNowError: 409,
    mappings.NoSuchMappingError: 404,
    mappings.MappingConflictError: 409,
    mappings.BadMappingError: 422,
    mappings.CanNotReadError: 422,
    people.LoginRefusedError: 401,
    people.TooManyAttemptsError: 429,
    people.RightMissingError: 403,
    people.CrossSiteError: 403,
    people.NoSuchViewError: 404,
    people.NoSuchUserError: 404,
    people.LoginTakenError: 409,
    people.WeakPasswordError: 422,
    policies.NotThereError: 404,
    policies.StaleDraftError: 409,
    policies.FaultyError: 422,
    policies.UnreadableSheetError: 422,
    policies.NotNowError: 409,
    policies.SecondPersonError: 403,
    policies.RunningError: 409,
    policies.NameTakenError: 409,
}
"""HTTP status of every refusal that carries a ``message`` for a person."""


def present(status: int, message: Message, details: Mapping[str, Any] | None = None) -> JsonResponse:
    """Return the error body of the API, in both languages, never cached."""
    body = {
        "code": message.id,
        **message.both(),
        "details": dict(details or {}),
    }
    return JsonResponse({"error": body}, status=status, json_dumps_params={"ensure_ascii": False})


def _refused(_: HttpRequest, error: Any) -> HttpResponse:
    status = next(STATUS_OF[kind] for kind in type(error).__mro__ if kind in STATUS_OF)
    response = present(status, error.message, getattr(error, "details", None))
    if isinstance(error, people.TooManyAttemptsError):
        response["Retry-After"] = str(error.retry_after_seconds)
    return response


def _bad_values(_: HttpRequest, error: ValidationError) -> HttpResponse:
    fields = [{"loc": list(e["loc"]), "type": e["type"], "message": e["msg"]} for e in error.errors]
    return present(422, messages.BAD_VALUES, {"fields": fields})


def _http_error(_: HttpRequest, error: HttpError) -> HttpResponse:
    if error.status_code == 404:
        return present(404, messages.NOT_FOUND)
    return present(error.status_code, messages.BAD_REQUEST)


def _database_away(_: HttpRequest, error: Exception) -> HttpResponse:
    _log.error("The database can not be reached: %s", error)
    response = present(503, messages.DATABASE_AWAY)
    response["Retry-After"] = "3"
    return response


def _server_error(request: HttpRequest, error: Exception) -> HttpResponse:
    incident = secrets.token_hex(4)
    _log.error("Incident %s at %s %s", incident, request.method, request.path, exc_info=error)
    return present(500, messages.server_error(incident))


_HANDLERS: Final[dict[type[Exception], Callable[[HttpRequest, Any], HttpResponse]]] = {
    **dict.fromkeys(STATUS_OF, _refused),
    ValidationError: _bad_values,
    AuthenticationError: lambda _request, _error: present(401, messages.NOT_LOGGED_IN),
    HttpError: _http_error,
    Http404: lambda _request, _error: present(404, messages.NOT_FOUND),
    RequestDataTooBig: lambda _request, _error: present(413, messages.TOO_LARGE),
    TooManyFilesSent: lambda _request, _error: present(
        413, messages.too_many_files(settings.DATA_UPLOAD_MAX_NUMBER_FILES)
    ),
    SuspiciousOperation: lambda _request, _error: present(400, messages.BAD_REQUEST),
    OperationalError: _database_away,
    InterfaceError: _database_away,
    Exception: _server_error,
}
"""How each kind of error is presented; the nearest class of an error's decides."""


def install(api: NinjaAPI) -> None:
    """Register the presenter with ``api``."""
    for kind, handler in _HANDLERS.items():
        api.add_exception_handler(kind, handler)
