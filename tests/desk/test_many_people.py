"""Many at one desk: nobody holds what another holds, nothing acknowledged is lost, no release survives a cancel."""

import random
import threading
from urllib.parse import quote

import pytest
from bench.desk import agents
from django.db import connection
from tests.fulfilment.outgoing import Store

from qingdan.desk import refreshing, verdicts
from qingdan.desk.errors import DeskError
from qingdan.desk.verdicts import Ruling
from qingdan.people.models import User

WAITING = {"verdict": "review"}


def address() -> str:
    """Address of the test's own database."""
    chosen = connection.settings_dict
    host, port = str(chosen["HOST"]), str(chosen["PORT"])
    account = f"{chosen['USER']}:{quote(str(chosen['PASSWORD']), safe='')}"
    if host.startswith("/"):
        return f"postgresql://{account}@/{chosen['NAME']}?host={quote(host)}&port={port}"
    return f"postgresql://{account}@{host}:{port}/{chosen['NAME']}"


def people(store: Store, count: int) -> list[User]:
    return [
        User.objects.create(
            login=f"p{store.merchant}-{n}", name=f"人{n}", merchant_id=store.merchant, roles=["supervisor"]
        )
        for n in range(count)
    ]


@pytest.mark.process
@pytest.mark.django_db(transaction=True)
def test_sixteen_people_never_collide() -> None:
    store = Store()
    store.record(*({"order_no": f"{n}", **WAITING} for n in range(300)))
    users = people(store, 16)
    assert refreshing.refresh(store.merchant) == 300

    told = agents.work(address(), [user.pk for user in users], seconds=3, seed=1)

    found = agents.check(store.merchant, told)
    assert len(told) == 16
    assert (found["double"], found["lost"]) == (0, 0)
    assert found["claims"] > 0


@pytest.mark.django_db(transaction=True)
def test_a_release_never_survives_a_cancel() -> None:
    """A person releases while the platform cancels, order by order, each at its own moment."""
    store = Store()
    keys = store.record(*({"order_no": f"{n}", **WAITING} for n in range(120)))
    [boss] = people(store, 1)
    cancelled = {"platform_state": "cancelled", "verdict": "none", "stage": "cancelled"}
    start, refused = threading.Barrier(2), []

    def release() -> None:
        start.wait()
        for key in keys:
            try:
                verdicts.rule(boss, key, Ruling("release", 1))
            except DeskError as error:
                refused.append(error)
        connection.close()

    def cancel() -> None:
        start.wait()
        numbers = [f"{n}" for n in range(120)]
        random.Random(5).shuffle(numbers)  # noqa: S311
        for at in range(0, 120, 10):
            store.record(*({"order_no": number, **cancelled} for number in numbers[at : at + 10]))
        connection.close()

    threads = [threading.Thread(target=release), threading.Thread(target=cancel)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert store.rows("SELECT stage, count(*) FROM orders_order WHERE merchant_id = %s GROUP BY 1") == [
        ("cancelled", 120)
    ]
    late = (
        "SELECT count(*) FROM orders_orderevent AS r JOIN orders_orderevent AS c USING (order_id) "
        "WHERE r.merchant_id = %s AND r.to_stage = 'released' AND c.to_stage = 'cancelled' AND r.version > c.version"
    )
    assert store.rows(late) == [(0,)]
    assert {state for _, state in store.rows("SELECT order_id, state FROM fulfilment_push WHERE merchant_id = %s")} <= {
        "cancelled"
    }
