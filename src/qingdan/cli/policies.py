"""What ``qingdan policy backtest|diff|publish`` do once Django is there."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from qingdan.orders.actors import Actor
from qingdan.people.models import User
from qingdan.people.rights import Right
from qingdan.policies import actions, backtests, drafts, queries, rollouts, suggesting

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


@dataclass(frozen=True, slots=True)
class Published:
    """What became of a policy: its hash, ``live``, ``same`` (it was live already) or ``waiting`` for a second person.

    ``rollout`` is where it waits.
    """

    hash: str
    state: Literal["live", "same", "waiting"]
    rollout: int | None = None


class NoSuchApproverError(Exception):
    """Nobody of that login may approve a policy of the merchant."""


def publish(merchant: int, source: str, *, name: str, approver: str | None, skip_shadow: str) -> Published:
    """Propose a policy with a backtest on all history, and make it the live one where nobody else must agree.

    It goes the same way as on the screen: one that releases more than before needs a second person, named by her
    login as ``approver``. Raises ``NoSuchApproverError``, before anything is done.
    """
    live = actions.ensure_live(merchant)
    policy = drafts.ready(source).policy
    if policy.hash == live.hash:
        return Published(live.hash, "same")
    agrees = _approver(merchant, approver) if approver is not None else None
    test = backtests.create(merchant, source, ACTOR, queue=False)
    backtests.run(test.pk)
    row = rollouts.propose(merchant, name, source, ACTOR, backtest=test.pk)
    if row.needs_approval:
        if agrees is None:
            return Published(row.hash, "waiting", row.pk)
        rollouts.approve(merchant, row.pk, agrees)
    rollouts.go_live(merchant, row.pk, ACTOR, skip_shadow=skip_shadow)
    return Published(row.hash, "live", row.pk)


def _approver(merchant: int, login: str) -> Actor:
    found = User.objects.filter(merchant_id=merchant, login=login.strip().lower(), is_active=True).first()
    if found is None or Right.POLICIES_EDIT not in found.rights:
        raise NoSuchApproverError
    return Actor("user", str(found.pk), f"{found.name}（命令行）")


def suggest(merchant: int, *, target: float, since: datetime | None, before: datetime | None) -> dict[str, Any]:
    """Return what a search of the hand decisions found; it counts as a look at their days."""
    made = suggesting.create(merchant, ACTOR, target=target, since=since, before=before, queue=False)
    suggesting.run(made.pk)
    result: dict[str, Any] = suggesting.get(merchant, made.pk).result or {}
    return result
