"""A check that lets through too much is paused: a new version of the live policy in which it never passes."""

from typing import Final

from qingdan.core.policy.form import read_form, write_form
from qingdan.core.policy.visual import ValueType
from qingdan.orders.actors import Actor
from qingdan.policies import notices, queries
from qingdan.policies.actions import publish_within
from qingdan.policies.drafts import note
from qingdan.policies.models import PolicyVersion, Rollout

PAUSED: Final = "rule_paused"
AUDITOR: Final = Actor("system", "audit", "抽检")


def never_passing(source: str, rule: str) -> str:
    """Return a policy's text in which the check ``rule`` never passes, so that what it let through goes to review."""
    form = read_form(source)
    never = {"kind": "leaf", "field": "never", "operator": "is", "value": {"type": ValueType.NONE.value}}
    group = {"kind": "group", "combinator": "and", "not": False, "rules": [never]}
    checks = [{**check, "condition": group} if check["id"] == rule else check for check in form["checks"]]
    return write_form({**form, "checks": checks})


def pause(
    merchant: int, rule: str, *, looked_at: int, wrong: int, at_least: float, limit: float
) -> PolicyVersion | None:
    """Publish the live policy without letting ``rule`` pass, and tell its owners; part of the caller's transaction.

    Return the new version, None when nothing is live.
    """
    live = queries.live(merchant)
    if live is None:
        return None
    titles = {one.id: one.title.both() for one in queries.compiled(live.source).policy.rules}
    version = publish_within(merchant, never_passing(live.source, rule), AUDITOR)
    told = {
        "rule": rule,
        "title": titles[rule],
        "looked_at": looked_at,
        "wrong": wrong,
        "at_least": at_least,
        "limit": limit,
        "before": live.hash,
        "after": version.hash,
    }
    note(merchant, PAUSED, rule, AUDITOR, **told)
    going = Rollout.objects.filter(merchant_id=merchant, state=Rollout.State.LIVE, hash=live.hash).first()
    if going is not None:
        # a policy that ends by itself must be found again at its end
        Rollout.objects.filter(pk=going.pk).update(hash=version.hash, source=version.source)
    notices.tell(merchant, PAUSED, told, user=going.proposed_id if going else "", role="supervisor")
    return version
