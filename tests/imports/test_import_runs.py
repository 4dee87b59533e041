import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from threading import Barrier, Thread
from uuid import uuid4

import pytest
from django.db import connection

from qingdan.intake import actions, runner
from qingdan.intake.actions import SupersededError
from qingdan.intake.models import Import, State
from qingdan.orders.actions import Action, ConflictError, decide, ensure_merchant
from qingdan.orders.actors import Actor

Start = Callable[[int, int], subprocess.Popen[bytes]]
NewImport = Callable[..., Import]

_OWN = "id, merchant_id, shop_id, last_import, received_at, changed_at, digest, decided_name"


def rows(statement: str, *params: object) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return cursor.fetchall()


def tables(merchant: int) -> list[list[tuple[object, ...]]]:
    """The merchant's part of the store but for ids and the times of writing."""
    columns = ", ".join(
        f"o.{row[0]}"
        for row in rows(
            "SELECT column_name FROM information_schema.columns WHERE table_name = 'orders_order' "
            "AND column_name <> ALL(%s) ORDER BY 1",
            _OWN.split(", "),
        )
    )
    return [
        rows(f"SELECT {columns} FROM orders_order o WHERE merchant_id = %s ORDER BY channel, order_no", merchant),  # noqa: S608
        rows(
            "SELECT o.order_no, l.line_no, l.sku_code, l.title, l.quantity, l.line_paid_amount FROM orders_orderline l "
            "JOIN orders_order o ON o.id = l.order_id WHERE o.merchant_id = %s ORDER BY 1, 2",
            merchant,
        ),
        rows(
            "SELECT o.order_no, e.version, e.kind, e.from_stage, e.to_stage, e.verdict, e.changes "
            "FROM orders_orderevent e JOIN orders_order o ON o.id = e.order_id WHERE o.merchant_id = %s ORDER BY 1, 2",
            merchant,
        ),
        rows(
            "SELECT channel, province, stage, tier, sum(n), sum(amount) FROM orders_counter WHERE merchant_id = %s "
            "GROUP BY 1, 2, 3, 4 HAVING sum(n) <> 0 ORDER BY 1, 2, 3, 4",
            merchant,
        ),
    ]


def test_the_same_file_twice_changes_nothing(merchant: int, new_import: NewImport) -> None:
    first = new_import(merchant)
    assert runner.run(first.pk) is State.DONE
    before = tables(merchant)
    second = new_import(merchant)
    assert runner.run(second.pk) is State.DONE
    assert tables(merchant) == before
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.new, first.unchanged) == (1200, 0)
    assert (second.new, second.changed, second.unchanged) == (0, 0, 1200)
    assert first.totals["orders"] == 1200


KILLS = int(os.environ.get("QINGDAN_IMPORT_KILLS", "3"))
"""How often the worker is killed, at points spread over the storing; the bench kills at ten random ones."""


@pytest.mark.process
def test_a_killed_import_run_again_ends_as_an_undisturbed_one(
    merchant: int, new_import: NewImport, start_process: Start
) -> None:
    undisturbed = ensure_merchant(f"商家{uuid4()}").pk
    runner.run(new_import(undisturbed).pk)
    killed = new_import(merchant)
    for goal in range(1, 1_100, 1_100 // KILLS + 1):
        process = start_process(killed.pk, 100)
        while process.poll() is None:
            if rows("SELECT count(*) FROM orders_order WHERE merchant_id = %s", merchant)[0][0] >= goal:
                process.kill()
                break
            time.sleep(0.002)
        process.wait()
        Import.objects.filter(pk=killed.pk, state__in=["reading", "storing"]).update(lease_until="2020-01-01T00:00Z")
    assert actions.wake_lapsed() in ([killed.pk], [])
    assert runner.run(killed.pk) in {State.DONE, None}
    assert tables(merchant) == tables(undisturbed)
    killed.refresh_from_db()
    assert (killed.state, killed.new, killed.changed) == (State.DONE, 1200, 0)


@pytest.mark.process
def test_two_imports_of_one_file_at_once_add_each_order_once(
    merchant: int, new_import: NewImport, start_process: Start
) -> None:
    both = [new_import(merchant), new_import(merchant)]
    processes = [start_process(one.pk, 200) for one in both]
    assert [process.wait(60) for process in processes] == [0, 0]
    for one in both:
        one.refresh_from_db()
        assert one.state == State.DONE
    assert sum(one.new for one in both) == 1200
    assert rows("SELECT count(*) FROM orders_orderevent WHERE merchant_id = %s", merchant) == [(1200,)]


def test_of_many_decisions_on_one_version_one_wins(merchant: int, new_import: NewImport) -> None:
    runner.run(new_import(merchant).pk)
    [(key,)] = rows(
        "SELECT id FROM orders_order WHERE merchant_id = %s AND stage = 'in_review' ORDER BY id LIMIT 1", merchant
    )
    start, won = Barrier(8), []

    def race(person: int) -> None:
        start.wait()
        try:
            decide(
                int(str(key)),
                merchant=merchant,
                version=1,
                action=list(Action)[person % 3],
                actor=Actor("user", str(person), f"客服{person}"),
            )
            won.append(person)
        except ConflictError:
            pass
        finally:
            connection.close()

    threads = [Thread(target=race, args=[person]) for person in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1
    assert rows("SELECT version, decided_id FROM orders_order WHERE id = %s", key) == [(2, str(won[0]))]


def test_a_worker_that_lost_its_lease_writes_nothing_more(merchant: int, new_import: NewImport) -> None:
    made = new_import(merchant)
    late = actions.claim(made.pk)
    assert late is not None
    assert actions.claim(made.pk) is None
    Import.objects.filter(pk=made.pk).update(lease_until="2020-01-01T00:00Z")
    assert runner.run(made.pk) is State.DONE
    with pytest.raises(SupersededError):
        actions.report(late, state=State.STORING)
    with pytest.raises(SupersededError):
        actions.add_counts(late, new=1, changed=0, outdated=0, orders=1)
    made.refresh_from_db()
    assert (made.state, made.new, made.attempt) == (State.DONE, 1200, 2)


def test_an_import_that_is_told_to_stop_stops(merchant: int, new_import: NewImport) -> None:
    queued, running = new_import(merchant, queue=True), new_import(merchant)
    assert actions.cancel(queued.pk, merchant=merchant)
    assert runner.run(queued.pk) is None
    stopped = runner.run(
        running.pk, told=lambda phase, *_: actions.cancel(running.pk, merchant=merchant) if phase == "reading" else None
    )
    assert stopped is State.CANCELLED
    assert rows("SELECT count(*) FROM orders_order WHERE merchant_id = %s", merchant) == [(0,)]
    assert not actions.cancel(running.pk, merchant=merchant)


def test_a_file_that_can_not_be_read_says_why(merchant: int, new_import: NewImport, tmp_path: Path) -> None:
    strange = tmp_path / "考勤.csv"
    strange.write_text("工号,姓名\n1,2\n", encoding="utf-8")
    made = new_import(merchant, path=strange)
    assert runner.run(made.pk) is State.FAILED
    made.refresh_from_db()
    assert "考勤.csv" in made.error["zh"]
    assert made.error["advice_zh"]


@pytest.mark.parametrize(
    ("given", "kept"),
    [("../../etc/passwd", "passwd"), ("C:\\x\\订单.xlsx", "订单.xlsx"), ("\x00.csv", "_.csv"), ("..", "file")],
)
def test_an_upload_can_not_choose_its_folder(given: str, kept: str) -> None:
    assert actions.safe_name(given) == kept
