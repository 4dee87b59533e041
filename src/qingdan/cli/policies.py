"""What ``qingdan policy backtest|diff|publish`` do once Django is there."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from qingdan.orders.actors import Actor
from qingdan.policies import actions, backtests, drafts, queries, suggesting

ACTOR = Actor("system", "cli", "命令行")


def diff(merchant: int, source: str) -> list[dict[str, Any]]:
    """Return what a policy decides differently from the live one."""
    return drafts.compare(drafts.ready(queries.live_source(merchant)).policy, drafts.ready(source).policy)


def backtest(
    merchant: int,
    source: str,
    *,
    since: datetime | None,
    before: datetime | None,
    told: Callable[[int, int], None],
) -> dict[str, Any]:
    """Return a backtest against the live policy."""
    live = queries.live_source(merchant)
    return backtests.compare(merchant, live, source, since=since, before=before, told=told)


def publish(merchant: int, source: str) -> tuple[str, bool]:
    """Make a policy the live one; return its hash and whether it was not yet."""
    before = queries.live(merchant)
    version = actions.publish(merchant, source, ACTOR)
    return version.hash, before is None or before.pk != version.pk


def suggest(merchant: int, *, target: float, since: datetime | None, before: datetime | None) -> dict[str, Any]:
    """Return what a search of the hand decisions found; it counts as a look at their days."""
    made = suggesting.create(merchant, ACTOR, target=target, since=since, before=before, queue=False)
    suggesting.run(made.pk)
    result: dict[str, Any] = suggesting.get(merchant, made.pk).result or {}
    return result
