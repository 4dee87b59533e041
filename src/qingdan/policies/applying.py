"""The live policy applied to what waits: in the background, a part at a time, stopped and taken up again at will."""

from typing import Final

import polars as pl
from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Now
from django.utils import timezone
from procrastinate.contrib.django import app
from psycopg import sql

from qingdan.core.columns import ORDER_SCHEMA
from qingdan.core.policy import Kind
from qingdan.core.policy.model import FIELD_MISSING
from qingdan.orders import actions as orders
from qingdan.orders import queries as stored
from qingdan.orders.actors import Actor
from qingdan.orders.alone import alone
from qingdan.policies import history, queries, waiting
from qingdan.policies.actions import ensure_live
from qingdan.policies.drafts import note
from qingdan.policies.errors import NotThereError, RunningError
from qingdan.policies.messages import APPLIED
from qingdan.policies.models import Application, Judged
from qingdan.policies.snoozed import marked
from qingdan.policies.waking import requeue

RUN: Final = "policies.apply"
QUEUE: Final = "policies"
CHUNK: Final = 5_000
_LOCK: Final = 0x71D5
_NEXT: Final = sql.SQL(
    "o.stage IN ('in_review', 'exception', 'held') AND NOT o.hand_decided AND o.id > %s ORDER BY o.id LIMIT %s"
)
_OPEN: Final = (Application.State.QUEUED, Application.State.RUNNING)


def create(merchant: int, actor: Actor, *, queue: bool = True) -> Application:
    """Queue an application of the live policy. Raises ``RunningError`` when one is on its way."""
    version = ensure_live(merchant)
    height = waiting.of(merchant).orders(fresh=True).height
    try:
        with transaction.atomic(durable=True):
            made = Application.objects.create(
                merchant_id=merchant, version=version, as_of=timezone.now(), waiting=height, created_by=actor.name
            )
            note(merchant, "apply", version.hash, actor, application=made.pk)
            if queue:
                app.configure_task(RUN, queue=QUEUE).defer(application_id=made.pk)
    except IntegrityError as error:
        raise RunningError from error
    made.refresh_from_db()
    return made


def get(merchant: int, application_id: int) -> Application:
    """Return one of the merchant's applications. Raises ``NotThereError``."""
    found = Application.objects.filter(merchant_id=merchant, pk=application_id).first()
    if found is None:
        raise NotThereError
    return found


def cancel(merchant: int, application_id: int, actor: Actor) -> Application:
    """Stop an application after the part it is at; what it has done stays."""
    row = get(merchant, application_id)
    with transaction.atomic(durable=True):
        stopped = Application.objects.filter(pk=row.pk, state__in=_OPEN)
        if stopped.update(state=Application.State.CANCELLED, finished_at=Now()):
            note(merchant, "apply_cancelled", row.pk, actor)
    return get(merchant, application_id)


def resume(merchant: int, application_id: int, actor: Actor, *, queue: bool = True) -> Application:
    """Go on with a cancelled application. Raises ``RunningError`` when another is on its way."""
    row = get(merchant, application_id)
    try:
        with transaction.atomic(durable=True):
            again = Application.objects.filter(pk=row.pk, state=Application.State.CANCELLED)
            if again.update(state=Application.State.QUEUED, finished_at=None):
                note(merchant, "apply_resumed", row.pk, actor)
                if queue:
                    app.configure_task(RUN, queue=QUEUE).defer(application_id=row.pk)
    except IntegrityError as error:
        raise RunningError from error
    return get(merchant, application_id)


def run(application_id: int) -> None:
    """Apply part after part, unless another worker does; a part is one transaction, so this may end at any moment."""
    with alone(_LOCK, application_id) as mine:
        if not mine:
            return
        rows = Application.objects.filter(pk=application_id)
        rows.filter(state=Application.State.QUEUED).update(state=Application.State.RUNNING)
        while _part(rows):
            pass


def _part(rows: QuerySet[Application]) -> bool:
    """Apply the next part; False when there is none, or somebody stopped it, or another policy went live."""
    row = rows.select_related("version").filter(state=Application.State.RUNNING).first()
    if row is None:
        return False
    live = queries.live(row.merchant_id)
    if live is None or live.pk != row.version_id:
        rows.update(state=Application.State.CANCELLED, finished_at=Now())
        return False
    some = stored.frame(row.merchant_id, _NEXT, [row.last_order, CHUNK], also=waiting.ALSO)
    if some.is_empty():
        rows.filter(state=Application.State.RUNNING).update(state=Application.State.DONE, finished_at=Now())
        return False
    compiled = queries.compiled(row.version.source)
    facts = marked(row.merchant_id, some.select("id", *ORDER_SCHEMA), row.as_of).drop("id")
    reviewed = facts.hstack(waiting.judged(compiled, facts, row.as_of))
    kept = [name for name in waiting.ALSO if name not in reviewed.columns]

    def with_it(written: pl.DataFrame) -> None:
        history.keep(
            reviewed,
            written,
            merchant=row.merchant_id,
            policy_hash=row.version.hash,
            as_of=row.as_of,
            cause=Judged.Cause.REVIEW,
        )
        rows.update(done=F("done") + some.height, changed=F("changed") + written.height, last_order=int(some["id"][-1]))

    orders.rereview(
        reviewed.hstack(some.select(kept)),
        merchant=row.merchant_id,
        policy_hash=row.version.hash,
        actor=Actor("policy", row.version.hash, ""),
        holds=frozenset({FIELD_MISSING, *(rule.id for _, rule in compiled.policy.of(Kind.HOLD))}),
        reason=APPLIED.text("zh"),
        with_it=with_it,
    )
    return True


def wake_open() -> None:
    """Queue again what a dead worker left; one that is at work is not disturbed (see ``run``)."""
    for key in Application.objects.filter(state__in=_OPEN).values_list("pk", flat=True):
        requeue(RUN, QUEUE, key, application_id=key)
