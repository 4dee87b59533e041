"""Backtests: a draft and the policy it would replace on the same history, as it was judged then."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import polars as pl
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from procrastinate.contrib.django import app

from qingdan.core.policy import Kind, Policy
from qingdan.core.policy.backtest import CODES, Judge, Outcomes, Tally, grouped, judge, rule_counts
from qingdan.core.policy.bounds import upper
from qingdan.orders.actors import Actor
from qingdan.policies import history, outcomes, queries
from qingdan.policies.drafts import note, ready
from qingdan.policies.errors import NotThereError
from qingdan.policies.history import Chunk
from qingdan.policies.models import Backtest
from qingdan.policies.replay import Replay, over
from qingdan.policies.waking import requeue

RUN: Final = "policies.run_backtest"
QUEUE: Final = "policies"
_GROUPS: Final = ("channel", "shop", "province")
_MOST_GROUPS: Final = 200
_SILENT: Final = timedelta(minutes=10)
_RELEASE: Final = int(Outcomes.RELEASE)
_NONE: Final = int(Outcomes.NONE)

Told = Callable[[int, int], None]


def create(
    merchant: int,
    source: str,
    actor: Actor,
    *,
    since: datetime | None = None,
    before: datetime | None = None,
    draft: int | None = None,
    against: str | None = None,
    queue: bool = True,
) -> Backtest:
    """Queue a backtest of ``source`` against the live policy, or the version with the hash ``against``.

    Raises ``FaultyError`` for a text with errors and ``NotThereError`` for an unknown version.
    """
    old = queries.live_source(merchant)
    if against is not None:
        version = queries.version(merchant, against)
        if version is None:
            raise NotThereError
        old = version.source
    new_hash, old_hash = ready(source).policy.hash, ready(old).policy.hash
    with transaction.atomic(durable=True):
        made = Backtest.objects.create(
            merchant_id=merchant,
            draft_id=draft,
            old_source=old,
            old_hash=old_hash,
            new_source=source,
            new_hash=new_hash,
            since=since,
            before=before,
            created_by=actor.name,
        )
        note(merchant, "backtest", new_hash, actor, backtest=made.pk)
        if queue:
            app.configure_task(RUN, queue=QUEUE).defer(backtest_id=made.pk)
    made.refresh_from_db()
    return made


def get(merchant: int, backtest_id: int) -> Backtest:
    """Return one of the merchant's backtests. Raises ``NotThereError``."""
    found = Backtest.objects.filter(merchant_id=merchant, pk=backtest_id).first()
    if found is None:
        raise NotThereError
    return found


def run(backtest_id: int) -> None:
    """Run a backtest; running it again gives the same result."""
    rows = Backtest.objects.filter(pk=backtest_id)
    row = rows.first()
    if row is None or row.state == Backtest.State.DONE:
        return
    rows.update(state=Backtest.State.RUNNING, done_chunks=0)

    def told(done: int, of: int) -> None:
        rows.update(done_chunks=F("done_chunks") + done, chunks=of)

    ended: dict[str, Any] = {"state": Backtest.State.FAILED, "result": None}
    try:
        result = compare(row.merchant_id, row.old_source, row.new_source, since=row.since, before=row.before, told=told)
        ended = {"state": Backtest.State.DONE, "result": result}
    finally:
        rows.update(**ended, finished_at=timezone.now())


def wake_open() -> None:
    """Queue again what a dead worker left: a backtest that says nothing for so long runs nowhere."""
    before = timezone.now() - _SILENT
    open_states = (Backtest.State.QUEUED, Backtest.State.RUNNING)
    for key in Backtest.objects.filter(state__in=open_states, created_at__lt=before).values_list("pk", flat=True):
        requeue(RUN, QUEUE, key, backtest_id=key)


def compare(
    merchant: int,
    old_source: str,
    new_source: str,
    *,
    since: datetime | None = None,
    before: datetime | None = None,
    told: Told = lambda _done, _of: None,
) -> dict[str, Any]:
    """Return what two policies make of the history of a period, and what came of those orders."""
    old, new = Judge(ready(old_source)), Judge(ready(new_source))
    found = history.chunks(merchant, since, before)
    replay = Replay((old, new), outcomes.known(merchant, since, before), since=since, before=before)
    tally = Tally()

    def some(batch: Sequence[Chunk]) -> None:
        orders = replay.orders(batch)
        if orders.height:
            tally.add(judge(old, new, orders))
        told(len(batch), len(found))

    over(found, some)
    return report(old.policy, new.policy, tally)


def report(old: Policy, new: Policy, tally: Tally) -> dict[str, Any]:
    """Return a tally as the screens want it: only plain values."""
    cube, stops = tally.cube(), tally.stops()
    if cube.is_empty():
        return {"orders": 0, "old": _rate(0, 0, 0), "new": _rate(0, 0, 0), "transitions": [], "tiers": []} | {
            "by": {name: [] for name in _GROUPS},
            "rules": [],
            "problems": [],
        }
    inside = cube.filter((pl.col("old") != _NONE) | (pl.col("new") != _NONE))
    return {
        "orders": int(inside["n"].sum()),
        "old": _released(inside, "old"),
        "new": _released(inside, "new"),
        "transitions": _transitions(inside),
        "tiers": _tiers(old, new, inside),
        "by": {name: grouped(cube, name).head(_MOST_GROUPS).rename({name: "key"}).to_dicts() for name in _GROUPS},
        "rules": _rules(new, stops),
        "problems": _problems(inside),
    }


def _rate(orders: int, released: int, bad: int) -> dict[str, Any]:
    return {
        "released": released,
        "rate": released / orders if orders else None,
        "problems": bad,
        "problem_rate": bad / released if released else None,
        "problem_bound": upper(bad, released) if released else None,
    }


def _released(cube: pl.DataFrame, side: str) -> dict[str, Any]:
    released = cube.filter(pl.col(side) == _RELEASE)
    bad = released.filter(pl.col("problems") != 0)
    return _rate(int(cube["n"].sum()), int(released["n"].sum()), int(bad["n"].sum()))


def _transitions(cube: pl.DataFrame) -> list[dict[str, Any]]:
    n = pl.col("n")
    cells = cube.group_by("old", "new").agg(n=n.sum(), problems=n.filter(pl.col("problems") != 0).sum())
    return [
        {
            "old": CODES[row["old"]],
            "new": CODES[row["new"]],
            "n": row["n"],
            "problems": row["problems"],
            "problem_bound": upper(row["problems"], row["n"]),
        }
        for row in cells.sort("old", "new").to_dicts()
    ]


def _tiers(old: Policy, new: Policy, cube: pl.DataFrame) -> list[dict[str, Any]]:
    def name(policy: Policy, place: int) -> str | None:
        return policy.tiers[place].id if place < len(policy.tiers) else None

    cells = cube.group_by("old_tier", "new_tier").agg(pl.col("n").sum()).sort("old_tier", "new_tier")
    return [{"old": name(old, a), "new": name(new, b), "n": n} for a, b, n in cells.iter_rows()]


def _rules(policy: Policy, stops: pl.DataFrame) -> list[dict[str, Any]]:
    rules = {rule.id: rule for rule in policy.rules if rule.kind is not Kind.TIER}
    return [
        {
            "id": count.id,
            "kind": rules[count.id].kind.value,
            "title": rules[count.id].title.both(),
            "hit": count.hit,
            "hit_problems": count.hit_problems,
            "alone": count.alone,
            "alone_problems": count.alone_problems,
            "alone_bound": upper(count.alone_problems, count.alone) if count.alone else None,
        }
        for count in rule_counts(policy, stops)
    ]


def _problems(cube: pl.DataFrame) -> list[dict[str, Any]]:
    """Return how many newly released, and formerly released, orders met each kind of problem."""
    n, told = pl.col("n"), []
    for name, words in outcomes.PROBLEMS.items():
        met = cube.filter((pl.col("problems") & outcomes.BIT[name]) != 0)
        counts = {side: int(met.filter(pl.col(side) == _RELEASE).select(n.sum()).item()) for side in ("old", "new")}
        told.append({"id": name, "title": words.both(), **counts})
    return told


def cell(
    row: Backtest,
    *,
    old: str | None = None,
    new: str | None = None,
    rule: str | None = None,
    problem: bool | None = None,
    key: tuple[str, str] | None = None,
    limit: int = 200,
) -> list[int]:
    """Return the ids of the orders behind a cell of a backtest, newest first, up to ``limit``.

    ``old`` and ``new`` say where the policies send them, ``rule`` which rule alone stops them under the new one,
    ``problem`` whether something went wrong afterwards, ``key`` a group (channel, shop or province) and its value.
    """
    judges = Judge(ready(row.old_source)), Judge(ready(row.new_source))
    known = outcomes.known(row.merchant_id, row.since, row.before)
    replay = Replay(judges, known, since=row.since, before=row.before)
    ids: list[int] = []
    for chunk in reversed(history.chunks(row.merchant_id, row.since, row.before)):
        orders = replay.orders([chunk])
        if orders.is_empty():
            continue
        part = judge(*judges, orders)
        rows = part.rows.with_columns(orders["id"])
        wanted = [(pl.col("old") != _NONE) | (pl.col("new") != _NONE)]
        wanted += [pl.col(side) == CODES.index(code) for side, code in (("old", old), ("new", new)) if code is not None]
        if problem is not None:
            wanted.append((pl.col("problems") != 0) == problem)
        if key is not None:
            wanted.append(pl.col(key[0]).cast(pl.String).eq_missing(pl.lit(key[1] or None)))
        if rule is not None:
            rows = rows.with_columns(alone=alone_by(judges[1].policy, part.masks, rule))
            wanted.append(pl.col("alone"))
        ids += rows.filter(wanted)["id"].sort(descending=True).to_list()
        if len(ids) >= limit:
            break
    return ids[:limit]


def alone_by(policy: Policy, masks: pl.DataFrame, rule_id: str) -> pl.Series:
    """Return, order by order, whether one rule is all that stops it."""
    distinct = masks.unique()
    rows = distinct.rename({"true_mask": "true", "unknown_mask": "unknown"}).with_columns(
        new=pl.lit(0, pl.UInt8), problems=pl.lit(0, pl.UInt8), n=pl.lit(1, pl.UInt32)
    )
    scope = sum(1 << bit for bit, _ in policy.of(Kind.SCOPE))
    verdicts = []
    for place in range(rows.height):
        pair = distinct.row(place)
        inside = not scope or bool((pair[0] | pair[1]) & scope)
        counts = rule_counts(policy, rows[place]) if inside else []
        verdicts.append(any(count.alone and count.id == rule_id for count in counts))
    found = masks.join(
        distinct.with_columns(alone=pl.Series(verdicts, dtype=pl.Boolean)),
        on=["true_mask", "unknown_mask"],
        how="left",
        maintain_order="left",
    )
    return found["alone"]
