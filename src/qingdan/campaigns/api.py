"""HTTP of clean-ups: the plan, the checkpoints, the report; readiness and rehearsals."""

from io import BytesIO
from typing import Any

import polars as pl
from django.http.response import HttpResponseBase
from django.utils import timezone
from ninja import Query, Router, Status

from qingdan.campaigns import actions, messages, planning, queries, readiness, rehearsing, reports, scope
from qingdan.campaigns.actions import LaneOf
from qingdan.campaigns.models import Campaign, Rehearsal
from qingdan.campaigns.schemas import (
    AuthoriseIn,
    CampaignChangeIn,
    CampaignIn,
    CampaignOut,
    CampaignReportOut,
    CampaignRowOut,
    CampaignSopOut,
    CampaignTemplateIn,
    HandNoteIn,
    LanesIn,
    MoveAcceptIn,
    PlanChoicesOut,
    PreventionDoneIn,
    PreventionIn,
    PreventionOut,
    ReadinessOut,
    RehearsalIn,
    RehearsalOut,
    SplitOut,
    UnownedOut,
)
from qingdan.orders import sheets
from qingdan.orders.actors import Actor
from qingdan.people.access import Needs, Request
from qingdan.people.rights import Right
from qingdan.policies import templates
from qingdan.web.files import CONTENT_TYPES, download

router = Router(tags=["campaigns"])
_VIEW, _RUN = Needs(Right.CAMPAIGNS_VIEW), Needs(Right.CAMPAIGNS_RUN)


@router.get("", auth=_VIEW, response=list[CampaignRowOut])
def list_campaigns(request: Request) -> list[dict[str, Any]]:
    """List the newest fifty clean-ups with how far they are."""
    return queries.campaigns(request.auth.merchant_id, timezone.now())


@router.post("", auth=_RUN, response=CampaignOut)
def create_campaign(request: Request, body: CampaignIn) -> dict[str, Any]:
    """Make a clean-up of the orders that match the filters and have still to leave."""
    filters = body.filters.model_dump(mode="json", exclude_defaults=True, by_alias=True)
    now = timezone.now()
    made = actions.create(
        request.auth,
        name=body.name,
        filters=filters,
        query=body.query,
        goal_at=body.goal_at,
        grows=body.grows,
        now=now,
    )
    return queries.whole(made, now)


@router.get("/choices", auth=_VIEW, response=PlanChoicesOut)
def list_plan_choices(request: Request) -> dict[str, Any]:
    """List the teams, people, calendars and kinds of work that a plan is put together from."""
    return queries.choices(request.auth.merchant_id)


@router.get("/readiness", auth=_VIEW, response=ReadinessOut)
def get_readiness(request: Request, factor: Query[float] = 3.0) -> dict[str, Any]:
    """Say how ready we are for a peak of so many times the usual inflow, part by part."""
    return readiness.readiness(request.auth.merchant_id, timezone.now(), factor=min(max(factor, 1.0), 20.0))


@router.get("/rehearsals", auth=_VIEW, response=list[RehearsalOut])
def list_rehearsals(request: Request) -> list[Rehearsal]:
    """List the newest twenty rehearsals."""
    return rehearsing.rehearsals(request.auth.merchant_id)


@router.post("/rehearsals", auth=_RUN, response=RehearsalOut)
def create_rehearsal(request: Request, body: RehearsalIn) -> Rehearsal:
    """Play past days through today's rules and roster, and keep what broke first."""
    return rehearsing.rehearse(
        request.auth,
        name=body.name,
        first=body.first_day,
        last=body.last_day,
        play=body.play_day,
        scale=body.scale,
    )


@router.get("/{int:campaign_id}", auth=_VIEW, response=CampaignOut)
def get_campaign(request: Request, campaign_id: int) -> dict[str, Any]:
    """Return a clean-up with its plan, checkpoints and log."""
    return _whole(request, campaign_id)


@router.put("/{int:campaign_id}", auth=_RUN, response=CampaignOut)
def change_campaign(request: Request, campaign_id: int, body: CampaignChangeIn) -> dict[str, Any]:
    """Change name, goal, growth, calendar, and which step of the preparation it is at."""
    row = actions.change(
        request.auth,
        campaign_id,
        name=body.name,
        goal_at=body.goal_at,
        grows=body.grows,
        step=body.step,
        calendar=body.calendar_id,
    )
    return queries.whole(row, timezone.now())


@router.post("/{int:campaign_id}/grow", auth=_RUN, response=CampaignOut)
def grow_campaign(request: Request, campaign_id: int) -> dict[str, Any]:
    """Take in orders that match by now, and simulate anew."""
    row, now = _row(request, campaign_id), timezone.now()
    actions.grow(row, request.auth.name, now)
    actions.foresee(row, now)
    return _whole(request, campaign_id)


@router.post("/{int:campaign_id}/forecast", auth=_RUN, response=CampaignOut)
def forecast_campaign(request: Request, campaign_id: int) -> dict[str, Any]:
    """Simulate the clean-up as it stands now."""
    actions.foresee(_row(request, campaign_id), timezone.now())
    return _whole(request, campaign_id)


@router.put("/{int:campaign_id}/lanes", auth=_RUN, response=CampaignOut)
def save_campaign_lanes(request: Request, campaign_id: int, body: LanesIn) -> dict[str, Any]:
    """Say which group does what and who is in it; simulates anew."""
    lanes = [LaneOf(lane.name, lane.team_id, tuple(lane.kinds), tuple(lane.people)) for lane in body.lanes]
    row = actions.save_lanes(request.auth, campaign_id, lanes, timezone.now())
    return queries.whole(row, timezone.now())


@router.get("/{int:campaign_id}/split", auth=_VIEW, response=SplitOut)
def propose_split(request: Request, campaign_id: int) -> dict[str, Any]:
    """Propose who works where, in proportion to the work, with what it would come to against the present split."""
    row = _row(request, campaign_id)
    plan = planning.plan_of(row, timezone.now())
    chosen = planning.split(plan)
    other = plan.seated(chosen)
    return {
        "people": [
            {
                "user": {"id": seat.user_id, "name": seat.user.name},
                "now": seat.lane_id,
                "proposed": plan.lanes[number].pk,
            }
            for seat, number in zip(plan.seats, chosen, strict=True)
        ],
        "now": planning.told(row, plan, planning.look(plan)),
        "proposed": planning.told(row, other, planning.look(other)),
    }


@router.post("/{int:campaign_id}/start", auth=_RUN, response=CampaignOut)
def start_campaign(request: Request, campaign_id: int) -> dict[str, Any]:
    """Begin: people get their orders, and the first checkpoint is made."""
    return queries.whole(actions.start(request.auth, campaign_id, timezone.now()), timezone.now())


@router.post("/{int:campaign_id}/checkpoints", auth=_RUN, response=CampaignOut)
def check_campaign(request: Request, campaign_id: int) -> dict[str, Any]:
    """Make a checkpoint now."""
    actions.check(_row(request, campaign_id), timezone.now())
    return _whole(request, campaign_id)


@router.post("/{int:campaign_id}/checkpoints/{int:checkpoint_id}/accept", auth=_RUN, response=CampaignOut)
def accept_move(request: Request, campaign_id: int, checkpoint_id: int, body: MoveAcceptIn) -> dict[str, Any]:
    """Take the newest checkpoint's advice: the people change groups, and their work with them."""
    row = actions.accept(request.auth, campaign_id, checkpoint_id, body.move, timezone.now())
    return queries.whole(row, timezone.now())


@router.post("/{int:campaign_id}/checkpoints/{int:checkpoint_id}/note", auth=_RUN, response=CampaignOut)
def write_hand_over(request: Request, campaign_id: int, checkpoint_id: int, body: HandNoteIn) -> dict[str, Any]:
    """Write a note for the next shift."""
    actions.hand_over(request.auth, campaign_id, checkpoint_id, body.text)
    return _whole(request, campaign_id)


@router.get("/{int:campaign_id}/unowned", auth=_VIEW, response=list[UnownedOut])
def list_unowned(request: Request, campaign_id: int) -> list[dict[str, Any]]:
    """List the exceptions that have no type of problem, or nobody who answers for them; at most two hundred."""
    return scope.unowned(_row(request, campaign_id), timezone.now())[:200]


@router.post("/{int:campaign_id}/owners", auth=_RUN, response=CampaignOut)
def give_owners(request: Request, campaign_id: int) -> dict[str, Any]:
    """Give every exception a type, and a person of its group where it has none."""
    actions.give_owners(request.auth, campaign_id, timezone.now())
    return _whole(request, campaign_id)


@router.post("/{int:campaign_id}/authorisations", auth=_RUN, response=CampaignOut)
def authorise(request: Request, campaign_id: int, body: AuthoriseIn) -> dict[str, Any]:
    """Let a role decide orders of a kind, up to an amount, until a moment."""
    actions.authorise(
        request.auth,
        campaign_id,
        role=body.role,
        kind=body.kind,
        limit=body.limit,
        ends_at=body.ends_at,
        now=timezone.now(),
    )
    return _whole(request, campaign_id)


@router.post("/{int:campaign_id}/authorisations/{int:authorisation_id}/end", auth=_RUN, response=CampaignOut)
def end_authorisation(request: Request, campaign_id: int, authorisation_id: int) -> dict[str, Any]:
    """Take an authorisation back before its time."""
    actions.end_authorisation(request.auth, campaign_id, authorisation_id, timezone.now())
    return _whole(request, campaign_id)


@router.post("/{int:campaign_id}/preventions", auth=_RUN, response=PreventionOut)
def add_prevention(request: Request, campaign_id: int, body: PreventionIn) -> dict[str, Any]:
    """Add to the list of what keeps the pile from coming back."""
    made = actions.prevent(
        request.auth, campaign_id, text=body.text, cause=body.cause, owner=body.owner_id, due=body.due
    )
    return queries.prevention(made)


@router.put("/{int:campaign_id}/preventions/{int:prevention_id}", auth=_RUN, response=PreventionOut)
def tick_prevention(request: Request, campaign_id: int, prevention_id: int, body: PreventionDoneIn) -> dict[str, Any]:
    """Tick a line of the prevention list off, or open it again."""
    found = actions.finish_prevention(request.auth, campaign_id, prevention_id, timezone.now(), done=body.done)
    return queries.prevention(found)


@router.post("/{int:campaign_id}/close", auth=_RUN, response=CampaignOut)
def close_campaign(request: Request, campaign_id: int) -> dict[str, Any]:
    """End the clean-up; its report is frozen and its authorisations are over."""
    return queries.whole(actions.close(request.auth, campaign_id, timezone.now()), timezone.now())


@router.get("/{int:campaign_id}/report", auth=_VIEW, response=CampaignReportOut)
def get_report(request: Request, campaign_id: int) -> dict[str, Any]:
    """Return the close-out report; as it stands now while the clean-up is not closed."""
    row = _row(request, campaign_id)
    told = row.report or reports.report(row, timezone.now())
    shown = queries.whole(row, timezone.now())
    return {
        "id": row.pk,
        "name": row.name,
        "state": row.state,
        "report": told,
        "preventions": shown["preventions"],
        "moves": [messages.entry(one.kind, one.params) for one in row.entries.filter(kind="moved").order_by("id")],
    }


@router.get("/{int:campaign_id}/report.xlsx", auth=_VIEW)
def export_report(request: Request, campaign_id: int) -> HttpResponseBase:
    """Return the report as an Excel workbook."""
    row = _row(request, campaign_id)
    told = row.report or reports.report(row, timezone.now())
    buffer = BytesIO()
    with sheets.workbook(buffer) as book:
        for name, rows in reports.sheets(row, told):
            width = max(len(line) for line in rows)
            texts = [
                [str(cell) if cell is not None else "" for cell in line] + [""] * (width - len(line)) for line in rows
            ]
            frame = pl.DataFrame(texts[1:], schema=[f"c{n}" for n in range(width)], orient="row")
            sheets.write_sheet(book, frame.cast(pl.String), name=name, titles=texts[0])
    buffer.seek(0)
    return download(request, buffer, f"campaign-{row.pk}.xlsx", CONTENT_TYPES["xlsx"])


@router.get("/{int:campaign_id}/sops", auth=_VIEW, response=list[CampaignSopOut])
def list_sop_drafts(request: Request, campaign_id: int) -> list[dict[str, Any]]:
    """List what was really done, by type of problem, as material for the SOPs."""
    return reports.sop_drafts(_row(request, campaign_id))


@router.post("/{int:campaign_id}/template", auth=_RUN, response={204: None})
def keep_rules(request: Request, campaign_id: int, body: CampaignTemplateIn) -> Status[None]:
    """Keep the live rules as a template, with what the clean-up came to in its note."""
    row = _row(request, campaign_id)
    user, stands = request.auth, scope.standing(row, timezone.now())
    actor = Actor("user", str(user.pk), user.name)
    about = messages.TEMPLATE_NOTE.text(
        "zh", {"name": row.name, **{key: stands[key] for key in ("total", "done", "by_rules", "left")}}
    )
    templates.save_live(user.merchant_id, body.name, actor, about=about)
    return Status(204, None)


def _row(request: Request, campaign_id: int) -> Campaign:
    return actions.get(request.auth.merchant_id, campaign_id)


def _whole(request: Request, campaign_id: int) -> dict[str, Any]:
    return queries.whole(_row(request, campaign_id), timezone.now())
