"""Sixteen people on two thousand orders, and a platform that cancels while a person releases.

``python -m bench.desk.run claims`` or ``races`` runs one of the two alone.
"""

import sys
import threading
import time
from importlib import import_module
from typing import Any

from bench.desk import agents
from bench.relay.run import place

ORDERS, PEOPLE, SECONDS = 2_000, 16, 30.0
RACES = 1_000
TARGET = 1_000
"""Claims a second on an idle machine of two cores."""


def filled(count: int) -> tuple[Any, list[Any]]:
    """A merchant's store with orders that wait, in their order of work, and its people."""
    store = import_module("outgoing").Store()
    for start in range(0, count, 1000):
        rows = range(start, min(start + 1000, count))
        store.record(*({"order_no": f"{n}", "verdict": "review"} for n in rows))
    user = import_module("qingdan.people.models").User
    people = [
        user.objects.create(login=f"p{n}", name=f"人{n}", merchant_id=store.merchant, roles=["supervisor"])
        for n in range(PEOPLE)
    ]
    import_module("qingdan.desk.refreshing").refresh(store.merchant)
    return store, people


def claims() -> list[dict[str, Any]]:
    """Claims a second by all together, with what must not happen counted from the work log and the events."""
    with place():
        store, people = filled(ORDERS)
        url = import_module("os").environ["DATABASE_URL"]
        told = agents.work(url, [person.pk for person in people], seconds=SECONDS, seed=1)
        found = agents.check(store.merchant, told)
    rate = found["claims"] / SECONDS
    return [
        _row("desk: 16 people claiming, renewing, deciding and giving back, claims", round(rate), "claims/s", TARGET),
        _row("desk: orders that two people held at once", found["double"], "orders", 0),
        _row(f"desk: lost updates among {found['verdicts']:,} verdicts", found["lost"], "updates", 0),
    ]


def races() -> list[dict[str, Any]]:
    """Orders that stand released although the platform's cancel had committed, of so many races."""
    with place():
        store, people = filled(RACES)
        keys = [row[0] for row in store.rows("SELECT id FROM orders_order WHERE merchant_id = %s ORDER BY id")]
        numbers = dict(store.rows("SELECT id, order_no FROM orders_order WHERE merchant_id = %s"))
        verdicts = import_module("qingdan.desk.verdicts")
        refusal = import_module("qingdan.desk.errors").DeskError
        connections = import_module("django.db").connections
        gate = threading.Barrier(2)
        refused = []

        def release() -> None:
            for key in keys:
                gate.wait()
                try:
                    verdicts.rule(people[0], key, verdicts.Ruling("release", 1))
                except refusal as error:
                    refused.append(error)
            connections.close_all()

        def cancel() -> None:
            said = {"platform_state": "cancelled", "verdict": "none", "stage": "cancelled"}
            for place_of, key in enumerate(keys):
                gate.wait()
                time.sleep((place_of % 20) / 1000)
                store.record({"order_no": numbers[key], **said})
            connections.close_all()

        threads = [threading.Thread(target=release), threading.Thread(target=cancel)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        late = store.rows(
            "SELECT count(*) FROM orders_orderevent AS r JOIN orders_orderevent AS c USING (order_id) WHERE "
            "r.merchant_id = %s AND r.to_stage = 'released' AND c.to_stage = 'cancelled' AND r.version > c.version"
        )[0][0]
        left = store.rows(
            "SELECT count(*) FROM orders_order AS o WHERE merchant_id = %s AND (stage = 'released' OR EXISTS ("
            "SELECT FROM fulfilment_push AS p WHERE p.order_id = o.id AND p.state <> 'cancelled'))"
        )[0][0]
    name = f"desk: released or on its way after a committed cancel, of {RACES:,} races ({len(refused)} lost to it)"
    return [_row(name, late + left, "orders", 0)]


def _row(name: str, value: int, unit: str, target: int) -> dict[str, Any]:
    return {"name": name, "value": value, "unit": unit, "target": target, "peer": None, "ratio": None}


def measure() -> list[dict[str, Any]]:
    """Both."""
    return [*claims(), *races()]


if __name__ == "__main__":
    for part in sys.argv[1:] or ["claims", "races"]:
        for row in {"claims": claims, "races": races}[part]():
            print(f"{row['name']}: {row['value']:,} {row['unit']}")
