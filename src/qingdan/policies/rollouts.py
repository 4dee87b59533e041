"""Publishing: a policy is proposed with its backtest, runs beside the live one, is agreed to, goes live, and back.

Each step is one durable transaction with its audit row.
"""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.utils import timezone

from qingdan.orders.actors import Actor
from qingdan.orders.models import Merchant
from qingdan.policies import queries
from qingdan.policies.actions import ensure_live, publish_within
from qingdan.policies.drafts import note, ready
from qingdan.policies.errors import NotNowError, NotThereError, SecondPersonError
from qingdan.policies.models import Backtest, PolicyVersion, Publication, Rollout

State = Rollout.State
CLOCK = Actor("system", "rollouts", "定时发布")
_BEFORE_LIVE = (State.PROPOSED, State.SHADOW, State.SCHEDULED)


def propose(merchant: int, name: str, source: str, actor: Actor, *, backtest: int) -> Rollout:
    """Propose a policy whose backtest has been seen.

    Raises ``FaultyError``, and ``NotNowError`` when the backtest is not done or was of another policy.
    """
    policy = ready(source).policy
    row = Backtest.objects.filter(merchant_id=merchant, pk=backtest).first()
    live = ensure_live(merchant)
    if row is None or row.state != Backtest.State.DONE or row.new_hash != policy.hash or row.old_hash != live.hash:
        raise NotNowError("backtest")
    result = row.result or {}
    more = not result.get("orders") or result["new"]["released"] > result["old"]["released"]
    with transaction.atomic(durable=True):
        made = Rollout.objects.create(
            merchant_id=merchant,
            name=name,
            source=source,
            hash=policy.hash,
            backtest=row,
            needs_approval=more,
            proposed_id=actor.id,
            proposed_by=actor.name,
        )
        note(merchant, "proposed", policy.hash, actor, rollout=made.pk, backtest=row.pk, needs_approval=more)
    made.refresh_from_db()
    return made


def get(merchant: int, rollout_id: int) -> Rollout:
    """Return one of the merchant's rollouts. Raises ``NotThereError``."""
    found = Rollout.objects.filter(merchant_id=merchant, pk=rollout_id).first()
    if found is None:
        raise NotThereError
    return found


def _locked(merchant: int, rollout_id: int, *states: str) -> Rollout:
    """Lock a rollout, and the merchant's publishing with it; its state must be one of ``states``."""
    Merchant.objects.select_for_update(no_key=True).get(pk=merchant)
    found = Rollout.objects.select_for_update().filter(merchant_id=merchant, pk=rollout_id).first()
    if found is None:
        raise NotThereError
    if found.state not in states:
        raise NotNowError(found.state)
    return found


def shadow(merchant: int, rollout_id: int, actor: Actor) -> Rollout:
    """Judge every incoming order by the proposed policy too. Raises ``NotNowError`` when another one runs so."""
    try:
        with transaction.atomic(durable=True):
            row = _locked(merchant, rollout_id, State.PROPOSED)
            Rollout.objects.filter(pk=row.pk).update(state=State.SHADOW, shadow_since=Now())
            note(merchant, "shadow_started", row.hash, actor, rollout=row.pk)
    except IntegrityError as error:
        raise NotNowError(State.SHADOW.value) from error
    return get(merchant, rollout_id)


def approve(merchant: int, rollout_id: int, actor: Actor) -> Rollout:
    """Agree to a rollout; not for the person who proposed it. Raises ``SecondPersonError``."""
    with transaction.atomic(durable=True):
        row = _locked(merchant, rollout_id, *_BEFORE_LIVE)
        if row.proposed_id == actor.id:
            raise SecondPersonError
        Rollout.objects.filter(pk=row.pk).update(approved_at=Now(), approved_by=actor.name)
        note(merchant, "approved", row.hash, actor, rollout=row.pk)
    return get(merchant, rollout_id)


def go_live(
    merchant: int,
    rollout_id: int,
    actor: Actor,
    *,
    at: datetime | None = None,
    until: datetime | None = None,
    skip_shadow: str = "",
) -> Rollout:
    """Make a rollout's policy the live one, now or ``at`` a moment, for good or ``until`` another.

    ``skip_shadow`` says why it has not judged a single incoming order beside the live policy. Raises
    ``SecondPersonError`` when it still needs somebody's approval, and ``NotNowError``: ``no_shadow`` without a shadow
    run and a reason, ``until`` for moments that do not follow each other.
    """
    now = timezone.now()
    if until is not None and until <= (at or now):
        raise NotNowError("until")
    with transaction.atomic(durable=True):
        row = _locked(merchant, rollout_id, *_BEFORE_LIVE)
        if row.needs_approval and row.approved_at is None:
            raise SecondPersonError
        unseen = not row.shadowed.exists()
        if unseen and not skip_shadow:
            raise NotNowError("no_shadow")
        skipped = skip_shadow if unseen else ""
        later = at is not None and at > now
        Rollout.objects.filter(pk=row.pk).update(
            state=State.SCHEDULED, starts_at=at if later else now, ends_at=until, shadow_skipped=skipped
        )
        times = {name: moment and moment.isoformat() for name, moment in (("at", at), ("until", until))}
        note(merchant, "scheduled", row.hash, actor, rollout=row.pk, shadow_skipped=skipped, **times)
        if not later:
            _begin(row, actor)
    return get(merchant, rollout_id)


def _begin(row: Rollout, actor: Actor) -> None:
    """Publish a rollout; part of the caller's transaction."""
    before = queries.live(row.merchant_id)
    publish_within(row.merchant_id, row.source, actor)
    lived = Rollout.objects.filter(merchant_id=row.merchant_id, state=State.LIVE)
    lived.update(state=State.ENDED)
    Rollout.objects.filter(pk=row.pk).update(state=State.LIVE, live_since=Now(), replaced=before)
    note(row.merchant_id, "published", row.hash, actor, rollout=row.pk)


def roll_back(merchant: int, actor: Actor) -> PolicyVersion:
    """Make the version live that was live before the present one. Raises ``NotNowError`` when there is none."""
    live = queries.live(merchant)
    rows = Publication.objects.filter(merchant_id=merchant).select_related("version").order_by("-id")
    before = next((row.version for row in rows if live is not None and row.version_id != live.pk), None)
    if live is None or before is None:
        raise NotNowError("rollback")
    with transaction.atomic(durable=True):
        version = publish_within(merchant, before.source, actor)
        Rollout.objects.filter(merchant_id=merchant, state=State.LIVE).update(state=State.ENDED)
        note(merchant, "rolled_back", live.hash, actor, to=before.hash)
    return version


def withdraw(merchant: int, rollout_id: int, actor: Actor) -> Rollout:
    """Take back a rollout that is not live yet."""
    with transaction.atomic(durable=True):
        row = _locked(merchant, rollout_id, *_BEFORE_LIVE)
        Rollout.objects.filter(pk=row.pk).update(state=State.WITHDRAWN)
        note(merchant, "withdrawn", row.hash, actor, rollout=row.pk)
    return get(merchant, rollout_id)


def keep_time(now: datetime | None = None) -> None:
    """Begin what is scheduled and end what is over; a policy that ends gives way to the one that it replaced."""
    moment = now or timezone.now()
    due = Rollout.objects.filter(state=State.SCHEDULED, starts_at__lte=moment).order_by("starts_at", "pk")
    for merchant, key in due.values_list("merchant_id", "pk"):
        with transaction.atomic(durable=True):
            _begin(_locked(merchant, key, State.SCHEDULED), CLOCK)
    over = Rollout.objects.filter(state=State.LIVE, ends_at__lte=moment).order_by("ends_at", "pk")
    for merchant, key in over.values_list("merchant_id", "pk"):
        with transaction.atomic(durable=True):
            row, live = _locked(merchant, key, State.LIVE), queries.live(merchant)
            if live is not None and live.hash == row.hash and row.replaced is not None:
                publish_within(merchant, row.replaced.source, CLOCK)
            Rollout.objects.filter(pk=row.pk).update(state=State.ENDED)
            note(merchant, "ended", row.hash, CLOCK, rollout=row.pk)
