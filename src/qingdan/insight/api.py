"""HTTP of the board, the diagnosis, the event log and the day's report."""

import tempfile
from datetime import date, timedelta
from typing import IO, Any, Literal

from django.http import HttpResponseBase
from django.utils import timezone
from ninja import Query, Router

from qingdan.core.flow.logexport import csv_chunks, xes_chunks
from qingdan.insight import actions, log, pulse, reporting, snapshot
from qingdan.insight.models import Diagnosis
from qingdan.insight.schemas import (
    BoardOut,
    DayIn,
    DayReportOut,
    DiagnoseIn,
    DiagnosisOut,
    LengthIn,
    PeriodIn,
    RankingIn,
)
from qingdan.people import actions as people
from qingdan.people import queries as days
from qingdan.people.access import Needs, Request, address_of
from qingdan.people.models import Access
from qingdan.people.rights import Right
from qingdan.web.files import CONTENT_TYPES, download
from qingdan.web.language import language

router = Router(tags=["board"])


@router.get("", auth=Needs(Right.BOARD_VIEW), response=BoardOut)
def get_board(request: Request) -> BoardOut:
    """Return the board; every number is the total of the orders page under the matching filter."""
    return snapshot.board(request.auth.merchant_id, timezone.now())


@router.put("/ranking", auth=Needs(Right.DIAGNOSIS_VIEW), response=RankingIn)
def set_ranking(request: Request, body: RankingIn) -> RankingIn:
    """Show people's progress on the board, or hide it from everybody."""
    pulse.set_ranking(request.auth.merchant_id, shown=body.shown)
    return body


@router.get("/diagnosis", auth=Needs(Right.DIAGNOSIS_VIEW), response=DiagnosisOut)
def get_diagnosis(request: Request, query: Query[LengthIn]) -> dict[str, Any]:
    """Return the diagnosis that is kept; it opens at once, however large the store."""
    length = int(query.days)
    return _told(length, Diagnosis.objects.filter(merchant_id=request.auth.merchant_id, days=length).first())


@router.post("/diagnosis", auth=Needs(Right.DIAGNOSIS_VIEW), response=DiagnosisOut)
def start_diagnosis(request: Request, body: DiagnoseIn) -> dict[str, Any]:
    """Have it worked out anew in the background; what is kept stays until then."""
    return _told(body.days, actions.ask_diagnosis(request.auth.merchant_id, body.days))


@router.get("/log.csv", auth=Needs(Right.DIAGNOSIS_VIEW))
def export_csv(request: Request, query: Query[PeriodIn]) -> HttpResponseBase:
    """Export the event log of the orders that came on some days, a row an event."""
    return _log(request, query, "csv")


@router.get("/log.xes", auth=Needs(Right.DIAGNOSIS_VIEW))
def export_xes(request: Request, query: Query[PeriodIn]) -> HttpResponseBase:
    """Export the same as XES (IEEE 1849), which process-mining programs open."""
    return _log(request, query, "xes")


@router.get("/report", auth=Needs(Right.DIAGNOSIS_VIEW), response=DayReportOut)
def get_report(request: Request, query: Query[DayIn]) -> dict[str, Any]:
    """Return the report of a day: as it was when the day ended, or as it stands for today."""
    merchant, now = request.auth.merchant_id, timezone.now()
    return {**_report(merchant, query.day), "days": reporting.days(merchant, now)}


@router.get("/report.xlsx", auth=Needs(Right.DIAGNOSIS_VIEW))
def export_report(request: Request, query: Query[DayIn]) -> HttpResponseBase:
    """Export the report of a day as a workbook."""
    report = _report(request.auth.merchant_id, query.day)
    file = reporting.workbook(report, language())
    return download(request, file, f"report-{report['day']}.xlsx", CONTENT_TYPES["xlsx"])


def _report(merchant: int, day: date | None) -> dict[str, Any]:
    now = timezone.now()
    wanted = day or days.local_day(now)
    report = reporting.of(merchant, wanted, now)
    if report is None:
        raise actions.NoReportError(wanted)
    return report


def _told(days_back: int, row: Diagnosis | None) -> dict[str, Any]:
    if row is None:
        return {"days": days_back, "state": "never", "asked_at": None, "made_at": None, "millis": None, "body": None}
    return {name: getattr(row, name) for name in ("days", "state", "asked_at", "made_at", "millis", "body")}


def _log(request: Request, query: PeriodIn, form: Literal["csv", "xes"]) -> HttpResponseBase:
    since, until = pulse.midnight(query.since), pulse.midnight(query.until + timedelta(days=1))
    of = actions.open_log(request.auth.merchant_id, since, until)
    people.record_access(
        user=request.auth,
        operation=Access.Operation.EXPORT,
        address=address_of(request),
        reason="",
        details={"log": form, "since": query.since.isoformat(), "until": query.until.isoformat()},
    )
    events = log.read(of)
    file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
    for chunk in csv_chunks(events) if form == "csv" else xes_chunks(events):
        file.write(chunk)
    file.seek(0)
    kind = CONTENT_TYPES["csv"] if form == "csv" else "application/xml"
    return download(request, file, f"log-{query.since}-{query.until}.{form}", kind)
