"""Rule suggestions: mined from what people decided by hand, proven on later days, one step away from a draft.

A rule lets orders pass that checks keep back and people release anyway. The live policy says which orders those are;
holds and exceptions are never touched.
"""

import hashlib
import math
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import polars as pl
from django.db import transaction
from django.utils import timezone
from procrastinate.contrib.django import app

from qingdan.core.policy import Compiled, Kind, render
from qingdan.core.policy.bounds import CONFIDENCE, needed
from qingdan.core.policy.check import read_expression
from qingdan.core.policy.mining import Aim, Count, Decided, Mined, mine, missing, selected
from qingdan.core.policy.mining_draft import with_rules
from qingdan.core.policy.mining_terms import distinct, joined, terms, truth
from qingdan.core.policy.sentence import phrase
from qingdan.core.policy.vocabulary import Vocabulary
from qingdan.orders.actors import Actor
from qingdan.policies import drafts, queries, waiting
from qingdan.policies.drafts import note, ready
from qingdan.policies.errors import NotNowError, NotThereError
from qingdan.policies.evidence import Evidence, gather, split
from qingdan.policies.models import Draft, Suggestion
from qingdan.policies.waking import requeue

RUN: Final = "policies.run_suggestion"
QUEUE: Final = "policies"
PROOF: Final = 0.4
"""Share of the decisions, those of the last days, that are kept for the proof."""
TARGET: Final = 0.99
_EARLY: Final = 60
"""Fewer earlier decisions are not worth a search."""
_SHOWN: Final = 20
_RECENT: Final = timedelta(days=7)
_SILENT: Final = timedelta(minutes=10)
_SEED: Final = 20261122
_Which = npt.NDArray[np.bool_]


def create(
    merchant: int,
    actor: Actor,
    *,
    target: float = TARGET,
    since: datetime | None = None,
    before: datetime | None = None,
    queue: bool = True,
) -> Suggestion:
    """Queue a search for rules that the live policy lacks; ``target`` is the share of safe orders to prove."""
    source = queries.live_source(merchant)
    with transaction.atomic(durable=True):
        made = Suggestion.objects.create(
            merchant_id=merchant,
            source=source,
            hash=ready(source).policy.hash,
            target=target,
            since=since,
            before=before,
            created_by=actor.name,
        )
        note(merchant, "suggestion", made.hash, actor, suggestion=made.pk, target=target)
        if queue:
            app.configure_task(RUN, queue=QUEUE).defer(suggestion_id=made.pk)
    made.refresh_from_db()
    return made


def get(merchant: int, suggestion_id: int) -> Suggestion:
    """Return one of the merchant's suggestions. Raises ``NotThereError``."""
    found = Suggestion.objects.filter(merchant_id=merchant, pk=suggestion_id).first()
    if found is None:
        raise NotThereError
    return found


def run(suggestion_id: int) -> None:
    """Search; running it again on the same decisions gives the same rules."""
    rows = Suggestion.objects.filter(pk=suggestion_id)
    row = rows.first()
    if row is None or row.state == Suggestion.State.DONE:
        return
    rows.update(state=Suggestion.State.RUNNING)
    ended: dict[str, Any] = {"state": Suggestion.State.FAILED, "result": None}
    try:
        ended = {"state": Suggestion.State.DONE, **_found(row)}
    finally:
        rows.update(**ended, finished_at=timezone.now())


def wake_open() -> None:
    """Queue again what a dead worker left."""
    before = timezone.now() - _SILENT
    states = (Suggestion.State.QUEUED, Suggestion.State.RUNNING)
    for key in Suggestion.objects.filter(state__in=states, created_at__lt=before).values_list("pk", flat=True):
        requeue(RUN, QUEUE, key, suggestion_id=key)


def confidence_at(look: int) -> float:
    """Confidence asked of the ``look``-th test on the same days.

    Each further look is allowed 1/4, 1/9, 1/16 ... of the first one's chance of an error, so that however often
    somebody looks, a bad set gets through in less than 8.3 % of all cases.
    """
    return 1 - (1 - CONFIDENCE) / look**2


def _found(row: Suggestion) -> dict[str, Any]:
    """Return what is to be stored of a search."""
    compiled = ready(row.source)
    evidence = gather(row.merchant_id, compiled, row.since, row.before)
    later = split(evidence, PROOF)
    told: dict[str, Any] = {"target": row.target, **_counts(evidence, later)}
    early = int((~later).sum())
    lacking = _lacking(row.target, len(evidence), int(later.sum()), early)
    if not later.any() or early < _EARLY:
        outcome = "one_day" if len(evidence) and not later.any() else "too_few"
        return {"result": {**told, "outcome": outcome, "lacking": lacking, "rules": [], "set": None}}
    days = evidence.orders["day"].filter(pl.Series(later))
    first, last = _date(days.min()), _date(days.max())
    mark = _mark(row, evidence)
    look = _look(row, mark, first, last)
    aim = Aim(target=row.target, confidence=confidence_at(look))
    return {
        "result": {**told, "look": look, "confidence": aim.confidence, **_mined(row, compiled, evidence, later, aim)},
        "mark": mark,
        "look": look,
        "proof_from": first,
        "proof_to": last,
    }


def _mined(row: Suggestion, compiled: Compiled, evidence: Evidence, later: _Which, aim: Aim) -> dict[str, Any]:
    orders, safe = evidence.orders, evidence.orders["safe"].to_numpy()
    tried = terms(orders.filter(pl.Series(~later)), compiled.policy)
    bits = truth(tried, orders, compiled.policy)
    kept = distinct(tried, bits[~later])
    tried, bits = [tried[place] for place in kept], bits[:, kept]
    decided = Decided(bits, [term.family for term in tried], safe, later)
    found = mine(decided, aim, np.random.default_rng(_SEED))
    conditions = [joined(tried[place].ast for place in rule) for rule in found.rules]
    told = []
    for place, (rule, condition) in enumerate(zip(found.rules, conditions, strict=True)):
        chosen = selected(rule, bits)
        told.append(
            {
                "id": f"s{place + 1}",
                "condition": render(condition, "zh"),
                "text": {"zh": render(condition, "zh", signs=True), "en": render(condition, "en", signs=True)},
                "sentence": phrase(condition).both(),
                "checks": [
                    name for name in evidence.failed.columns if (evidence.failed[name].to_numpy() & chosen).any()
                ],
                "earlier": _count(found.earlier[place]),
                "later": _count(found.alone[place]),
                "examples": _ids(orders, chosen & safe),
                "counters": _ids(orders, chosen & ~safe),
                "proven": place < found.proven,
            }
        )
    ended = _judged(found, aim, int(later.sum()))
    if found.proven:
        ended["set"]["waiting"] = _frees(row, compiled, told[: found.proven])
    return {"rules": told, **ended}


def _judged(found: Mined, aim: Aim, later: int) -> dict[str, Any]:
    """Return how the proof went: of the set that was accepted, else of the one that was tested first."""
    if not found.rules:
        return {"outcome": "no_rule", "lacking": 0, "set": None}
    size = found.proven or found.tested[0]
    count = found.sets[size - 1]
    facts = {"rules": size, **_count(count), "share": count.n / later, "waiting": 0}
    if not found.proven:
        lacking = missing(count, aim.target, aim.confidence)
        return {"outcome": "not_proven", "lacking": lacking, "set": facts}
    return {"outcome": "proven", "lacking": 0, "set": facts}


def _frees(row: Suggestion, compiled: Compiled, rules: Sequence[dict[str, Any]]) -> int:
    """How many more of the waiting orders the policy would release with the rules in it."""
    draft = ready(_text(compiled, row.source, rules))
    now = timezone.now()
    more = waiting.impact(row.merchant_id, draft, now)["released"]
    return max(0, int(more) - int(waiting.impact(row.merchant_id, compiled, now)["released"]))


def _counts(evidence: Evidence, later: _Which) -> dict[str, Any]:
    safe = evidence.orders["safe"].to_numpy()
    recent = timezone.now().timestamp() - _RECENT.total_seconds()
    days = evidence.orders["day"]
    parts = {}
    for name, which in (("earlier", ~later), ("later", later)):
        some = days.filter(pl.Series(which))
        parts[name] = {
            "n": int(which.sum()),
            "bad": int((which & ~safe).sum()),
            "first": _iso(some.min()),
            "last": _iso(some.max()),
        }
    fresh = safe & (evidence.orders["decided"].to_numpy() >= recent)
    return {"decisions": len(evidence), "unsafe": int((~safe).sum()), "recent": int(fresh.sum()), **parts}


def _lacking(target: float, count: int, later: int, early: int) -> int:
    """How many more decisions, at least, so that the later days can prove anything."""
    proof = max(0, needed(target) - later)
    return max(math.ceil(needed(target) / PROOF) - count, proof, _EARLY - early, 1)


def _mark(row: Suggestion, evidence: Evidence) -> str:
    """Return what stands for all that a search knows."""
    orders = evidence.orders
    parts = orders.select("id", "safe").hash_rows(seed=1).sum() if orders.height else 0
    said = (row.hash, row.target, row.since, row.before, orders.height, int(parts or 0))
    return hashlib.sha256(repr(said).encode()).hexdigest()[:32]


def _look(row: Suggestion, mark: str, first: date, last: date) -> int:
    """Return the how-manieth test on these days this is; the same search again is the same test."""
    past = Suggestion.objects.filter(
        merchant_id=row.merchant_id,
        state=Suggestion.State.DONE,
        proof_from__lte=last,
        proof_to__gte=first,
        pk__lt=row.pk,
    )
    same = past.filter(mark=mark).order_by("pk").first()
    if same is not None:
        return same.look
    return past.values("mark").distinct().count() + 1


def _ids(orders: pl.DataFrame, chosen: _Which) -> list[int]:
    """The newest orders among those chosen."""
    return orders["id"].filter(pl.Series(chosen)).tail(_SHOWN).reverse().to_list()


def _count(count: Count) -> dict[str, Any]:
    return {"n": count.n, "bad": count.bad, "rate": 1 - count.bad / count.n if count.n else None, "bound": count.bound}


def _date(value: object) -> date:
    if not isinstance(value, date):
        raise TypeError(value)
    return value


def _iso(value: object) -> str | None:
    return value.isoformat() if isinstance(value, date) else None


def _text(compiled: Compiled, source: str, rules: Iterable[dict[str, Any]]) -> str:
    """Return the policy ``source`` with rules of a result in it."""
    vocabulary = Vocabulary(compiled.policy.words)
    added: dict[str, list[Any]] = {rule.id: [] for _, rule in compiled.policy.of(Kind.CHECK)}
    for rule in rules:
        expr = read_expression(rule["condition"], vocabulary).expr
        if expr is None:
            raise ValueError(rule["condition"])
        for check in rule["checks"]:
            added[check].append(expr)
    return with_rules(source, added)


def text_with(row: Suggestion, rules: Iterable[str]) -> str:
    """Return the policy that a suggestion was made for with some of its rules. Raises ``NotThereError``."""
    known = {rule["id"]: rule for rule in (row.result or {}).get("rules", [])}
    wanted = list(dict.fromkeys(rules))
    if not wanted or any(name not in known for name in wanted):
        raise NotThereError
    return _text(ready(row.source), row.source, [known[name] for name in wanted])


def draft(merchant: int, suggestion_id: int, rules: Iterable[str], name: str, actor: Actor) -> Draft:
    """Keep a draft of the live policy with some of the rules in it.

    Raises ``NotThereError``, and ``NotNowError`` when another policy went live since.
    """
    row = get(merchant, suggestion_id)
    text = text_with(row, rules)
    if ready(queries.live_source(merchant)).policy.hash != row.hash:
        raise NotNowError("suggestion")
    return drafts.create(merchant, name, text, actor)


def orders_of(row: Suggestion, rule: str, *, safe: bool) -> list[int]:
    """Return the newest orders that speak for a rule, or against it. Raises ``NotThereError``."""
    found = next((one for one in (row.result or {}).get("rules", []) if one["id"] == rule), None)
    if found is None:
        raise NotThereError
    return list(found["examples" if safe else "counters"])
