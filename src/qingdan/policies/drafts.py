"""Drafts: policies being written, with what differs from the live one."""

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models.functions import Now

from qingdan.core.policy import Compiled, Kind, Policy, PolicyError, Severity, render
from qingdan.core.policy.digest import tree
from qingdan.orders.actors import Actor
from qingdan.policies import queries
from qingdan.policies.errors import FaultyError, NotThereError, StaleDraftError
from qingdan.policies.models import Act, Draft


def note(merchant: int, kind: str, subject: object, actor: Actor, **details: object) -> None:
    """Write what somebody did to the audit trail; part of the caller's transaction."""
    Act.objects.create(
        merchant_id=merchant,
        kind=kind,
        subject=str(subject),
        actor_kind=actor.kind,
        actor_id=actor.id,
        actor_name=actor.name,
        details=details,
    )


def create(merchant: int, name: str, source: str, actor: Actor) -> Draft:
    """Keep a new draft."""
    live = queries.live(merchant)
    with transaction.atomic(durable=True):
        draft = Draft.objects.create(
            merchant_id=merchant,
            name=name,
            source=source,
            based_on=live.hash if live else "",
            created_by=actor.name,
            changed_by=actor.name,
        )
        note(merchant, "draft_created", draft.pk, actor, name=name)
    draft.refresh_from_db()
    return draft


def get(merchant: int, draft_id: int) -> Draft:
    """Return one of the merchant's drafts. Raises ``NotThereError``."""
    draft = Draft.objects.filter(merchant_id=merchant, pk=draft_id).first()
    if draft is None:
        raise NotThereError
    return draft


def save(merchant: int, draft_id: int, *, version: int, name: str, source: str, actor: Actor) -> Draft:
    """Save a draft that was opened at ``version``. Raises ``NotThereError`` and ``StaleDraftError``."""
    with transaction.atomic(durable=True):
        changed = Draft.objects.filter(merchant_id=merchant, pk=draft_id, version=version).update(
            name=name, source=source, version=version + 1, changed_at=Now(), changed_by=actor.name
        )
        if not changed:
            now = get(merchant, draft_id)
            raise StaleDraftError(now.version, now.changed_by)
        note(merchant, "draft_saved", draft_id, actor, version=version + 1)
    return get(merchant, draft_id)


def delete(merchant: int, draft_id: int, actor: Actor) -> None:
    """Delete a draft. Raises ``NotThereError``."""
    with transaction.atomic(durable=True):
        draft = get(merchant, draft_id)
        note(merchant, "draft_deleted", draft_id, actor, name=draft.name)
        draft.delete()


def ready(source: str) -> Compiled:
    """Return a text ready to decide. Raises ``FaultyError`` when it has errors."""
    try:
        return queries.compiled(source)
    except PolicyError as error:
        faults = [problem for problem in error.problems if problem.severity is Severity.ERROR]
        raise FaultyError(len(faults), faults[0].text("zh").partition(":")[2]) from error


@dataclass(frozen=True, slots=True)
class _Item:
    """A comparable part of a policy: what it decides and how it reads."""

    kind: str
    title: dict[str, str]
    text: dict[str, str]
    decides: object


def compare(old: Policy, new: Policy) -> list[dict[str, Any]]:
    """Return what differs between two policies, part by part, in the order of the new one, removed parts last.

    Each has ``kind`` (of a rule, ``words`` or ``table``), ``id``, ``change`` (added, removed, changed, moved, retitled)
    and ``before`` and ``after`` in words.
    """
    was, now = _items(old), _items(new)
    places_was = {key: place for place, key in enumerate(k for k in was if k in now)}
    places_now = {key: place for place, key in enumerate(k for k in now if k in was)}
    differences = []
    for key, item in now.items():
        before = was.get(key)
        if before is None:
            change = "added"
        elif before.decides != item.decides:
            change = "changed"
        elif places_was[key] != places_now[key]:
            change = "moved"
        elif before.title != item.title:
            change = "retitled"
        else:
            continue
        differences.append(_difference(key, change, before, item))
    removed = [_difference(key, "removed", item, None) for key, item in was.items() if key not in now]
    return differences + removed


def _difference(key: tuple[str, str], change: str, before: _Item | None, after: _Item | None) -> dict[str, Any]:
    shown = after or before
    return {
        "kind": key[0],
        "id": key[1],
        "change": change,
        "title": shown.title if shown else None,
        "before": before.text if before else None,
        "after": after.text if after else None,
    }


def _items(policy: Policy) -> dict[tuple[str, str], _Item]:
    tiers = {tier.id: tier for tier in policy.tiers}
    items = {}
    for rule in policy.rules:
        text = {"zh": render(rule.ast, "zh", signs=True), "en": render(rule.ast, "en", signs=True)}
        tier = tiers[rule.id] if rule.kind is Kind.TIER else None
        more = (tier.owner, str(tier.respond), str(tier.resolve)) if tier else (str(rule.until),)
        title = rule.title.both()
        items[rule.kind.value, rule.id] = _Item(rule.kind.value, title, text, (tree(rule.ast), more))
    for name, listed in policy.words.items():
        text = {"zh": "、".join(listed), "en": ", ".join(listed)}
        items["words", name] = _Item("words", {"zh": name, "en": name}, text, sorted(listed))
    for table in policy.tables:
        rows = [(row.id, tree(row.ast), row.output) for row in table.rows]
        lines = {
            "zh": "；".join(f"{render(row.ast, 'zh', signs=True)} → {row.output}" for row in table.rows),
            "en": "; ".join(f"{render(row.ast, 'en', signs=True)} → {row.output}" for row in table.rows),
        }
        title = table.title.both()
        items["table", table.id] = _Item("table", title, lines, (table.hit.value, rows))
    return items
