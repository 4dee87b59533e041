"""Silence noticed: raises one incident a silent source, keeps the orders behind it, and closes it when it speaks."""

import datetime as dt
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from django.db import connection, transaction

from qingdan.alerts.actions import close_alert, raise_alert
from qingdan.orders.models import Shop
from qingdan.oversight import listening, messages, sources
from qingdan.oversight.models import Incident
from qingdan.oversight.sources import Heard

_log: Final = logging.getLogger(__name__)

REOPENED: Final = dt.timedelta(minutes=10)
"""Who falls silent again so soon had not really returned: the same incident goes on."""
OWNERS: Final = {"warehouse": "warehouse", "carrier": "warehouse", "relay": "supervisor", "shop": "supervisor"}
WAITING: Final[Mapping[str, tuple[str, ...]]] = {
    "warehouse": ("released", "sent"),
    "carrier": ("released", "sent"),
    "relay": ("released", "sent"),
    "shop": ("unpaid", "in_review", "exception", "held", "released", "sent"),
}
"""Stages in which an order still waits for a silent source."""

_ADD: Final = "INSERT INTO oversight_affected (incident_id, order_id) SELECT %(incident)s, "
_BEHIND: Final[Mapping[str, str]] = {
    "warehouse": _ADD  # noqa: S608 - put together from our own texts
    + """p.order_id FROM fulfilment_push AS p
 WHERE p.destination_id = %(source)s::bigint AND p.operation = 'create' AND p.state IN ('ready', 'sending', 'unknown')
UNION SELECT %(incident)s, o.id FROM orders_order AS o JOIN fulfilment_push AS p ON p.order_id = o.id
 WHERE o.merchant_id = %(merchant)s AND o.stage = 'sent' AND p.operation = 'create' AND p.state = 'done'
   AND p.destination_id = %(source)s::bigint ON CONFLICT DO NOTHING""",
    "carrier": _ADD  # noqa: S608 - put together from our own texts
    + """o.id FROM orders_order AS o JOIN fulfilment_push AS p ON p.order_id = o.id
 WHERE o.merchant_id = %(merchant)s AND o.stage = 'sent' AND p.operation = 'create' AND p.state = 'done'
   AND p.destination_id IN (
       SELECT destination_id FROM fulfilment_parcel
        WHERE merchant_id = %(merchant)s AND carrier = %(source)s AND told_at > %(now)s - interval '7 days')
ON CONFLICT DO NOTHING""",
    "relay": _ADD
    + """p.order_id FROM fulfilment_push AS p
 WHERE p.merchant_id = %(merchant)s AND p.operation = 'create' AND p.state IN ('ready', 'sending', 'unknown')
ON CONFLICT DO NOTHING""",
    "shop": _ADD
    + """o.id FROM orders_order AS o
 WHERE o.merchant_id = %(merchant)s AND o.shop_id = %(source)s::bigint AND o.stage = ANY (%(stages)s)
ON CONFLICT DO NOTHING""",
}
_STILL: Final = """
UPDATE oversight_incident AS i SET behind = c.n, most = greatest(i.most, c.n)
  FROM (SELECT count(*) AS n FROM oversight_affected AS a JOIN orders_order AS o ON o.id = a.order_id
         WHERE a.incident_id = %(incident)s AND o.stage = ANY (%(stages)s)) AS c
 WHERE i.id = %(incident)s RETURNING c.n
"""
_OTHERS: Final = """
SELECT max(other.told_at), max(mine.name), count(*) FILTER (WHERE other.carrier <> %(carrier)s)
  FROM (SELECT destination_id, max(carrier_name) AS name, max(told_at) AS last FROM fulfilment_parcel
         WHERE merchant_id = %(merchant)s AND carrier = %(carrier)s AND told_at > %(now)s - interval '7 days'
         GROUP BY 1) AS mine
  LEFT JOIN fulfilment_parcel AS other
    ON other.destination_id = mine.destination_id AND other.carrier <> %(carrier)s AND other.told_at > mine.last
"""
_SENT_BY: Final = """
SELECT count(*), min(p.ended_at) FROM orders_order AS o JOIN fulfilment_push AS p ON p.order_id = o.id
 WHERE o.merchant_id = %(merchant)s AND o.stage = 'sent' AND p.operation = 'create' AND p.state = 'done'
   AND p.destination_id IN (SELECT destination_id FROM fulfilment_parcel
        WHERE merchant_id = %(merchant)s AND carrier = %(carrier)s AND told_at > %(now)s - interval '7 days')
"""
_LAST_IMPORT: Final = """
SELECT DISTINCT ON (merchant_id) merchant_id, state FROM intake_import
 WHERE finished_at IS NOT NULL AND finished_at <= %s ORDER BY merchant_id, finished_at DESC
"""


@dataclass(frozen=True, slots=True)
class Source:
    """One that is watched, as it stands: its measures, the cause if it is silent, and its last voice of any kind."""

    merchant: int
    kind: str
    source: str
    name: str
    measures: tuple[Heard, ...]
    cause: str = ""
    detail: str = ""
    spoke_at: dt.datetime | None = None

    @property
    def key(self) -> tuple[int, str, str]:
        """What an incident is known by."""
        return self.merchant, self.kind, self.source

    @property
    def silent(self) -> list[Heard]:
        """Measures by which it has been silent for too long."""
        return [one for one in self.measures if one.judged.too_long]


def look(now: dt.datetime) -> list[Incident]:
    """Listen, then open, keep and close incidents; return those that are open."""
    listening.listen(now)
    watched = {source.key: source for source in _sources(now)}
    open_ = {(i.merchant_id, i.kind, i.source): i for i in Incident.objects.filter(closed_at__isnull=True)}
    for key, source in watched.items():
        if key not in open_ and source.silent:
            open_[key] = _raise(source, now)
    still: list[Incident] = []
    for key, incident in open_.items():
        known = watched.get(key)
        end = _over(incident, known)
        if end and not (known and known.silent):
            _close(incident, end, now)
        else:
            _keep(incident, known, now)
            still.append(incident)
    return still


def _sources(now: dt.datetime) -> Iterable[Source]:
    found = sources.warehouses(now)
    relays = list(_relays(found, now))
    yield from relays
    stopped = {relay.merchant for relay in relays if relay.silent}
    made = [_warehouse(row, now, answers=row["merchant"] not in stopped) for row in found]
    deaf = _all_silent(made)
    for source in made:
        silent = source.silent and source.merchant in deaf
        yield replace(source, cause="everything") if silent else source
    quiet = {source.merchant for source in made if source.silent}
    yield from _carriers(now, quiet)
    yield from _shops(now)


def _all_silent(made: Iterable[Source]) -> set[int]:
    """Merchants of which two warehouses or more are waited for, and none answers."""
    asked: dict[int, list[bool]] = {}
    for source in made:
        for one in source.measures:
            if one.measure == "answers" and one.waits:
                asked.setdefault(source.merchant, []).append(one.judged.too_long)
    return {merchant for merchant, silent in asked.items() if len(silent) > 1 and all(silent)}


def _relays(found: Iterable[Mapping[str, Any]], now: dt.datetime) -> Iterable[Source]:
    by_merchant: dict[int, list[Mapping[str, Any]]] = {}
    for row in found:
        by_merchant.setdefault(row["merchant"], []).append(row)
    for merchant, rows in by_merchant.items():
        waits = sum(row["waits"] for row in rows)
        if not waits:
            continue
        checked = max((row["checked_at"] for row in rows if row["checked_at"]), default=None)
        since = min(row["waits_since"] for row in rows if row["waits"])
        one = sources.heard(merchant, "relay", "", now, spoke_at=checked, waits=waits, waits_since=since)
        if one is not None:
            yield Source(merchant, "relay", "", messages.RELAY.zh, (one,), "relay")


def _warehouse(row: Mapping[str, Any], now: dt.datetime, *, answers: bool) -> Source:
    measures: list[Heard] = []
    source = str(row["id"])
    if row["waits"] and answers:
        answered = max((m for m in (row["answered_at"], row["last_ok_at"]) if m), default=None)
        one = sources.heard(
            row["merchant"], "answers", source, now,
            spoke_at=answered, waits=row["waits"], waits_since=row["waits_since"],
        )  # fmt: skip
        measures += [one] if one else []
    if row["sent"] and sources.tells(row["adapter"]):
        one = sources.heard(
            row["merchant"], "returns", source, now,
            spoke_at=row["returned_at"], waits=row["sent"], waits_since=row["sent_since"],
        )  # fmt: skip
        measures += [one] if one else []
    cause, detail = _cause(row, measures)
    voices = [at for at in (row["answered_at"], row["last_ok_at"], row["returned_at"]) if at]
    return Source(
        row["merchant"], "warehouse", source, row["name"], tuple(measures), cause, detail, max(voices, default=None)
    )


def _cause(row: Mapping[str, Any], measures: Iterable[Heard]) -> tuple[str, str]:
    """Name the likely cause of a warehouse's silence, and its own words."""
    silent = [one for one in measures if one.judged.too_long]
    if not silent:
        return "", ""
    since = min(one.since for one in silent)
    failed, worked = row["last_failure_at"], row["last_ok_at"]
    if row["breaker"] in {"open", "half_open"} or (failed and (worked is None or failed > worked)):
        return "unreachable", row["last_failure"]
    if row["refused_at"] and row["refused_at"] > since:
        return "refused", ""
    return ("no_answers", "") if any(one.measure == "answers" for one in silent) else ("no_returns", "")


def _carriers(now: dt.datetime, quiet: set[int]) -> Iterable[Source]:
    """Judge carriers; while a warehouse is silent it is the warehouse, and its carriers are not judged beside it."""
    for merchant, carrier, last in sources.spoke("carrier", now, sources.CARRIER_USED):
        if merchant in quiet:
            continue
        if (now - last).total_seconds() <= sources.MEASURES["carrier"].floor:
            yield Source(merchant, "carrier", carrier, carrier, (), spoke_at=last)  # who was silent has returned
            continue
        params: dict[str, Any] = {"merchant": merchant, "carrier": carrier, "now": now}
        with connection.cursor() as cursor:
            cursor.execute(_OTHERS, params)
            _, name, others = cursor.fetchone()
            cursor.execute(_SENT_BY, params)
            waits, since = cursor.fetchone()
        if not others or not waits:
            continue
        one = sources.heard(merchant, "carrier", carrier, now, spoke_at=last, waits=waits, waits_since=since)
        if one is not None:
            yield Source(merchant, "carrier", carrier, name or carrier, (one,), "carrier")


def _shops(now: dt.datetime) -> Iterable[Source]:
    names = dict(Shop.objects.values_list("id", "name"))
    with connection.cursor() as cursor:
        cursor.execute(_LAST_IMPORT, [now])
        last_states = dict(cursor.fetchall())
    for merchant, shop, last in sources.spoke("shop", now, sources.SHOP_USED):
        one = sources.heard(merchant, "shop", shop, now, spoke_at=last)
        if one is not None and int(shop) in names:
            cause = "import_failed" if last_states.get(merchant) == "failed" else "no_file"
            yield Source(merchant, "shop", shop, names[int(shop)], (one,), cause)


def _over(incident: Incident, source: Source | None) -> str:
    """Say how an incident ended; empty while it goes on."""
    if source is None or not source.measures:
        if source is not None and source.spoke_at is not None and source.spoke_at > incident.since:
            return "returned"  # and has told of everything already
        return "nothing_waits" if incident.kind != "shop" else ""
    spoken = [one.spoke_at is not None and one.spoke_at > incident.since for one in source.measures]
    return "returned" if all(spoken) else ""


def _raise(source: Source, now: dt.datetime) -> Incident:
    silent = source.silent
    worst = min(silent, key=lambda one: one.since)
    facts = {
        "name": source.name,
        "cause": source.cause,
        "detail": source.detail,
        "since": worst.since,
        "usual": worst.judged.usual,
        "allowed": worst.judged.limit,
        "owner_role": OWNERS[source.kind],
    }
    merchant, kind, key = source.key
    with transaction.atomic(durable=True):
        before = (
            Incident.objects.filter(merchant_id=merchant, kind=kind, source=key, closed_at__gt=now - REOPENED)
            .exclude(end="person")
            .order_by("-id")
            .first()
        )
        if before is not None:
            before.closed_at, before.end, before.cause, before.detail = None, "", source.cause, source.detail
            before.save(update_fields=["closed_at", "end", "cause", "detail"])
            incident = before
        else:
            incident = Incident.objects.create(merchant_id=merchant, kind=kind, source=key, opened_at=now, **facts)
        _count(incident, now)
        minutes = round(worst.judged.lasted / 60)
        cause = messages.CAUSES[source.cause][0]
        raise_alert(
            merchant,
            "silence",
            alert_key(incident),
            messages.TOLD,
            {"name": source.name, "minutes": minutes, "behind": incident.behind, "cause": cause},
            role=incident.owner_role,
            path=f"/incidents?incident={incident.pk}",
        )
    _log.warning("Silence: %s %s since %s (%s).", kind, source.name, worst.since, source.cause)
    return incident


def _keep(incident: Incident, source: Source | None, now: dt.datetime) -> None:
    with transaction.atomic(durable=True):
        if source is not None and source.silent and (source.cause, source.detail) != (incident.cause, incident.detail):
            incident.cause, incident.detail = source.cause, source.detail
            incident.save(update_fields=["cause", "detail"])
        _count(incident, now)


def _close(incident: Incident, end: str, now: dt.datetime) -> None:
    with transaction.atomic(durable=True):
        _count(incident, now)
        Incident.objects.filter(pk=incident.pk, closed_at__isnull=True).update(closed_at=now, end=end)
        close_alert(incident.merchant_id, alert_key(incident), at=now)
    incident.closed_at, incident.end = now, end
    _log.warning("Silence over: %s %s (%s).", incident.kind, incident.name, end)


def _count(incident: Incident, now: dt.datetime) -> None:
    """Note the orders that stand behind an incident, and how many of them still wait."""
    params: dict[str, Any] = {
        "incident": incident.pk,
        "merchant": incident.merchant_id,
        "source": incident.source,
        "now": now,
        "stages": list(WAITING[incident.kind]),
    }
    with connection.cursor() as cursor:
        cursor.execute(_BEHIND[incident.kind], params)
        cursor.execute(_STILL, params)
        incident.behind = int(cursor.fetchone()[0])


def recount(incident: Incident) -> None:
    """Count anew how many orders of an incident that has ended still wait."""
    with connection.cursor() as cursor:
        cursor.execute(_STILL, {"incident": incident.pk, "stages": list(WAITING[incident.kind])})


def alert_key(incident: Incident) -> str:
    """Key of the alert that tells of an incident."""
    return f"silence:{incident.pk}"
