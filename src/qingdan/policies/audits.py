"""The audit sample: a person looks at a share of what was decided by itself, without being told what was decided.

Drawn in the transaction that stores the verdicts: an order is drawn when the SHA-256 of the merchant's secret key, the
order and the policy falls below the share. So the same order under the same policy is drawn or not however often it is
judged, and nobody who does not know the key can tell which orders will be looked at.

Orders that were stopped are drawn at the same rate as those that were released. If only releases were shown, showing
one would tell the verdict; mixed, the question is an open one, and it also measures how much is stopped in vain.

A sampled order is not kept back. It is there to measure a rule, not to guard one order: keeping it back would cost
good orders their promised time and would tell the person what had been decided. Where she says "stop" before the order
has left, it is held at once.
"""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import polars as pl
from django.db import connection, transaction
from django.db.models import Count, Exists, OuterRef, Q
from django.utils import timezone

from qingdan.core.policy import Kind, Policy
from qingdan.core.policy.bounds import upper
from qingdan.core.policy.digest import rule_hash
from qingdan.core.policy.sequential import CERTAIN, at_least, evidence
from qingdan.core.policy.snooze import SNOOZED
from qingdan.orders import actions as orders
from qingdan.orders.actors import Actor
from qingdan.orders.models import Order
from qingdan.policies import queries
from qingdan.policies.errors import NotNowError, NotThereError
from qingdan.policies.messages import AUDIT_HELD
from qingdan.policies.models import Act, Audit, AuditSetting, PolicyVersion
from qingdan.policies.pausing import PAUSED, pause

SHARE: Final = 0.02
LIMIT: Final = 0.02
OPEN_DAYS: Final = 14
"""What nobody looked at for so long is not shown any more: it has arrived or come back, which tells the verdict."""
_BYTES: Final = 8
_DRAW: Final = """
WITH drawn AS (
    SELECT id, snoozed,
           substr(sha256(%(key)s::bytea || convert_to(name || chr(31) || %(policy)s, 'UTF8')), 1, %(bytes)s) AS draw
      FROM unnest(%(ids)s::bigint[], %(names)s::text[], %(snoozed)s::text[]) AS judged (id, name, snoozed)
)
INSERT INTO policies_audit (merchant_id, order_id, order_version, policy_hash, released, snoozed, draw)
SELECT o.merchant_id, o.id, o.version, %(policy)s, o.stage = 'released', d.snoozed,
       ('x' || encode(d.draw, 'hex'))::bit(64)::bigint
  FROM drawn AS d JOIN orders_order AS o ON o.id = d.id
 WHERE d.draw < %(below)s::bytea
   AND (o.stage = 'released' AND o.decided_kind = 'policy'
        OR %(controls)s AND o.stage IN ('in_review', 'exception', 'held') AND NOT o.hand_decided)
ON CONFLICT DO NOTHING
"""


def setting(merchant: int) -> AuditSetting:
    """Return how a merchant samples; the defaults, with a key of its own, when nobody has said yet."""
    found = AuditSetting.objects.filter(merchant_id=merchant).first()
    if found is not None:
        return found
    fresh = {"share": SHARE, "limit": LIMIT, "controls": True, "key": secrets.token_bytes(32)}
    return AuditSetting.objects.get_or_create(merchant_id=merchant, defaults=fresh)[0]


def change(merchant: int, actor: Actor, *, share: float, limit: float, controls: bool) -> AuditSetting:
    """Set the share to draw, the defect rate that a check may have, and whether stopped orders are drawn, too."""
    row = setting(merchant)
    with transaction.atomic(durable=True):
        AuditSetting.objects.filter(pk=row.pk).update(
            share=share, limit=limit, controls=controls, changed_at=timezone.now(), changed_by=actor.name
        )
        Act.objects.create(
            merchant_id=merchant,
            kind="audit_set",
            subject="",
            actor_kind=actor.kind,
            actor_id=actor.id,
            actor_name=actor.name,
            details={"share": share, "limit": limit, "controls": controls},
        )
    return setting(merchant)


def draw(reviewed: pl.DataFrame, *, merchant: int, policy_hash: str) -> None:
    """Draw the sample of judged orders; part of the transaction that stores them.

    ``reviewed`` has ``id``, ``channel``, ``order_no``, ``verdict``, and perhaps ``snoozed``.
    """
    rule = setting(merchant)
    wanted = ["release", "review", "exception"] if rule.controls else ["release"]
    some = reviewed.filter(pl.col("verdict").cast(pl.String).is_in(wanted))
    if some.is_empty() or rule.share <= 0:
        return
    names = some.select(pl.concat_str(pl.col("channel").cast(pl.String), "order_no", separator="\x1f")).to_series()
    snoozed = some[SNOOZED].fill_null("").to_list() if SNOOZED in some.columns else [""] * some.height
    # all ones and one byte more stand for the whole
    below = b"\xff" * (_BYTES + 1) if rule.share >= 1 else int(rule.share * 2**64).to_bytes(_BYTES, "big")
    with connection.cursor() as cursor:
        cursor.execute(
            _DRAW,
            {
                "key": bytes(rule.key),
                "policy": policy_hash,
                "bytes": _BYTES,
                "ids": some["id"].to_list(),
                "names": names.to_list(),
                "snoozed": snoozed,
                "below": below,
                "controls": rule.controls,
            },
        )


def following(merchant: int) -> tuple[Audit | None, int]:
    """Return the next order to look at, and how many there are; chance orders those that were drawn together."""
    since = timezone.now() - timedelta(days=OPEN_DAYS)
    there = Exists(Order.objects.filter(pk=OuterRef("order_id")))  # an import may have been undone
    found = Audit.objects.filter(there, merchant_id=merchant, answered_at=None, at__gt=since)
    return found.select_related("order__shop").order_by("-at", "draw").first(), found.count()


@dataclass(frozen=True, slots=True)
class Answered:
    """What an answer led to: whether the order was held at once, and the checks that were paused for it."""

    audit: Audit
    held: bool
    paused: tuple[str, ...]


def answer(
    merchant: int, audit_id: int, actor: Actor, *, would_release: bool, reason: str = "", rule: str = ""
) -> Answered:
    """Record what a person would have done; ``reason`` goes with "stop", ``rule`` names the one that should have.

    A check whose defect rate is above the limit for certain is paused in the same transaction. Raises
    ``NotThereError``, and ``NotNowError`` (``audited``) when somebody was faster.
    """
    with transaction.atomic(durable=True):
        row = Audit.objects.select_for_update(of=("self",)).filter(merchant_id=merchant, pk=audit_id).first()
        if row is None or (rule and rule not in {one.id for one in policy_of(row).rules}):
            raise NotThereError
        if row.answered_at is not None:
            raise NotNowError("audited")
        Audit.objects.filter(pk=row.pk).update(
            would_release=would_release,
            reason=reason,
            rule="" if would_release else rule,
            answered_at=timezone.now(),
            answered_id=actor.id,
            answered_by=actor.name,
        )
        wrong = row.released and not would_release
        paused = tuple(_pause_worst(merchant)) if wrong else ()
    row.refresh_from_db()
    return Answered(row, wrong and _hold(row, actor, reason), paused)


def policy_of(row: Audit) -> Policy:
    """Return the policy that decided a sampled order."""
    version = queries.version(row.merchant_id, row.policy_hash)
    return queries.compiled(version.source if version else queries.live_source(row.merchant_id)).policy


def _hold(row: Audit, actor: Actor, reason: str) -> bool:
    """Hold an order that should not have been released, unless it has left."""
    order = Order.objects.filter(pk=row.order_id, stage="released", hand_decided=False).first()
    if order is None:
        return False
    try:
        orders.decide(
            order.pk,
            merchant=row.merchant_id,
            version=order.version,
            action=orders.Action.HOLD,
            actor=actor,
            reason=AUDIT_HELD.text("zh", {"reason": reason}),
        )
    except orders.DecisionError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class Measured:
    """What the sample says of one check of the live policy, or (``rule`` empty) of all releases together.

    ``looked_at`` releases that it let pass, ``wrong`` of them because of it; ``at_most`` is the exact one-sided 95 %
    bound, ``at_least`` what the rate has passed for certain however often one looks; ``evidence`` against the limit.
    """

    rule: str
    looked_at: int
    wrong: int
    rate: float | None
    at_most: float | None
    at_least: float
    evidence: float
    over: bool


def _measured(rule: str, looked_at: int, wrong: int, limit: float) -> Measured:
    against = evidence(wrong, looked_at, limit)
    return Measured(
        rule,
        looked_at,
        wrong,
        wrong / looked_at if looked_at else None,
        upper(wrong, looked_at) if looked_at else None,
        at_least(wrong, looked_at),
        against,
        against >= CERTAIN,
    )


def measure(merchant: int, limit: float) -> list[Measured]:
    """Measure each check of the live policy, and all releases (first), by what people said of the sample.

    What was said under another version counts where the check was the same there. What came before a check was paused
    does not count any more: when it comes back, somebody has thought about it.
    """
    policy = queries.compiled(queries.live_source(merchant)).policy
    checks = {rule.id: rule_hash(rule, policy.words) for _, rule in policy.of(Kind.CHECK)}
    answered = Audit.objects.filter(merchant_id=merchant, released=True).exclude(answered_at=None)
    sources = dict(PolicyVersion.objects.filter(merchant_id=merchant).values_list("hash", "source"))
    paused = dict(Act.objects.filter(merchant_id=merchant, kind=PAUSED).order_by("id").values_list("subject", "at"))
    hashes = list(answered.values_list("policy_hash", flat=True).distinct())
    same = {
        rule: [one for one in hashes if one in sources and _checks(sources[one]).get(rule) == content]
        for rule, content in checks.items()
    }
    counted = [_measured("", *_counts(answered, ""), limit)]
    for rule, versions in same.items():
        own = answered.filter(policy_hash__in=versions).exclude(snoozed__regex=rf"(^|;){rule}(;|$)")
        own = own.filter(at__gt=paused[rule]) if rule in paused else own
        counted.append(_measured(rule, *_counts(own, rule), limit))
    return counted


def _checks(source: str) -> dict[str, str]:
    policy = queries.compiled(source).policy
    return {rule.id: rule_hash(rule, policy.words) for _, rule in policy.of(Kind.CHECK)}


def _counts(found: Any, rule: str) -> tuple[int, int]:
    wrong = Q(would_release=False, rule=rule) if rule else Q(would_release=False)
    told = found.aggregate(n=Count("pk"), wrong=Count("pk", filter=wrong))
    return told["n"], told["wrong"]


def _pause_worst(merchant: int) -> list[str]:
    """Pause the checks whose defect rate is above the limit for certain; part of the caller's transaction."""
    limit = setting(merchant).limit
    over = [one for one in measure(merchant, limit) if one.rule and one.over]
    for one in over:
        pause(merchant, one.rule, looked_at=one.looked_at, wrong=one.wrong, at_least=one.at_least, limit=limit)
    return [one.rule for one in over]


def summary(merchant: int) -> dict[str, Any]:
    """Return how many orders were drawn, looked at and found wrong, released and stopped ones apart."""
    since = timezone.now() - timedelta(days=OPEN_DAYS)
    told = Audit.objects.filter(merchant_id=merchant).aggregate(
        drawn=Count("pk"),
        waiting=Count("pk", filter=Q(answered_at=None, at__gt=since)),
        looked_at=Count("pk", filter=Q(released=True, answered_at__isnull=False)),
        wrong=Count("pk", filter=Q(released=True, would_release=False)),
        stopped=Count("pk", filter=Q(released=False, answered_at__isnull=False)),
        in_vain=Count("pk", filter=Q(released=False, would_release=True)),
    )
    return dict(told)


def forget() -> int:
    """Drop what nobody looked at in time; return how many."""
    with transaction.atomic(durable=True):
        gone = Audit.objects.filter(answered_at=None, at__lt=timezone.now() - timedelta(days=OPEN_DAYS))
        return gone.delete()[0]
