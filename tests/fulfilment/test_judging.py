"""Never guess, never give up for an outage, always end somewhere: what answers make of a push."""

import random

import pytest

from qingdan.fulfilment.breaker import FAILURES, Breaker, full_jitter
from qingdan.fulfilment.judging import BUDGET, STOP_ASKED, STOP_BUDGET, Judge
from qingdan.fulfilment.wms import Meaning, Said
from qingdan.fulfilment.work import Task, Work


def work(task: Task = Task.CREATE, tries: int = 0) -> Work:
    return Work(1, "cancel" if task is Task.CANCEL else "create", 1, 1, task, tries, 0, None)


KEYED = Judge(honours_key=True, settle=15.0)
FORGETFUL = Judge(honours_key=False, settle=15.0)


def test_no_answer_is_a_doubt_and_is_never_sent_again_unasked() -> None:
    for judge in (KEYED, FORGETFUL):
        assert judge.no_answer(work(), "timeout").state == "unknown"
        assert judge.said(work(), Said(Meaning.UNCLEAR, "http_500", outage=True)).state == "unknown"


def test_a_warehouse_without_keys_is_asked_only_when_the_request_can_not_be_under_way_any_more() -> None:
    assert FORGETFUL.no_answer(work(), "timeout").due_in == 15.0


def test_who_can_not_be_asked_gets_the_same_key_again_or_a_person_decides() -> None:
    assert KEYED.can_not_ask(work(Task.ASK)).state == "ready"
    done = FORGETFUL.can_not_ask(work(Task.ASK))
    assert (done.state, done.due_in, done.reason) == ("unknown", None, "cannot_ask")
    assert done.words() is not None


def test_an_outage_costs_no_order_its_budget() -> None:
    for done in (
        KEYED.not_sent(work(), "refused"),
        KEYED.no_answer(work(), "timeout"),
        KEYED.said(work(), Said(Meaning.LATER, "http_503", outage=True)),
        KEYED.said(work(Task.ASK), Said(Meaning.UNCLEAR, outage=True)),
    ):
        assert done.tries == 0
        assert done.state in {"ready", "unknown"}


@pytest.mark.parametrize("meaning", [Meaning.LATER, Meaning.ABSENT])
def test_an_order_that_is_turned_down_again_and_again_ends_with_a_person(meaning: Meaning) -> None:
    task = Task.ASK if meaning is Meaning.ABSENT else Task.CREATE
    assert KEYED.said(work(task, BUDGET - 2), Said(meaning)).state == "ready"
    last = KEYED.said(work(task, BUDGET - 1), Said(meaning))
    assert (last.state, last.reason) == ("failed", "gave_up")


def test_a_stop_in_doubt_is_tried_again_and_a_late_one_fails() -> None:
    assert KEYED.said(work(Task.CANCEL), Said(Meaning.UNCLEAR)).state == "unknown"
    assert KEYED.said(work(Task.CANCEL), Said(Meaning.REFUSED, words="已拣货")).reason == "too_late"
    assert KEYED.said(work(Task.CANCEL), Said(Meaning.TAKEN)).state == "done"


def test_a_stop_that_was_taken_is_asked_for_until_it_managed_or_a_person_must() -> None:
    wait, no_answer = Said(Meaning.WAIT), Said(Meaning.UNCLEAR, outage=True)
    taken = KEYED.said(work(Task.CANCEL), wait)
    assert (taken.state, taken.reason) == ("unknown", STOP_ASKED)
    for still in (
        KEYED.said(work(Task.CHECK), wait),
        KEYED.said(work(Task.CHECK, STOP_BUDGET), no_answer),
        KEYED.no_answer(work(Task.CHECK), "timeout"),
        KEYED.not_sent(work(Task.CHECK), "refused"),
        KEYED.given_back(work(Task.CHECK)),
    ):
        assert (still.state, still.reason) == ("unknown", STOP_ASKED)
    assert KEYED.said(work(Task.CHECK), Said(Meaning.TAKEN)).state == "done"
    assert KEYED.said(work(Task.CHECK), Said(Meaning.REFUSED)).reason == "too_late"
    assert KEYED.said(work(Task.CHECK, STOP_BUDGET - 1), wait).reason == "stop_unconfirmed"


def test_what_the_warehouse_has_cancelled_is_left_to_a_person() -> None:
    done = KEYED.said(work(Task.ASK), Said(Meaning.REFUSED, "cancelled"))
    assert (done.state, done.reason) == ("failed", "cancelled_there")


def test_the_breaker_opens_within_five_failures_lets_one_try_and_closes_on_success() -> None:
    breaker, spread = Breaker(), random.Random(1)  # noqa: S311
    opened = [breaker.failed(100.0, spread) for _ in range(FAILURES)]

    assert opened == [False] * (FAILURES - 1) + [True]
    assert FAILURES <= 5
    assert breaker.slots(100.1, 8) == 0
    assert breaker.slots(200.0, 8) == 1
    breaker.failed(200.0, spread)
    assert breaker.slots(200.1, 8) == 0
    breaker.succeeded()
    assert breaker.slots(200.2, 8) == 8


def test_pauses_grow_to_a_bound_and_waits_are_spread() -> None:
    spread = random.Random(1)  # noqa: S311
    waits = [full_jitter(20, spread) for _ in range(200)]
    assert 0 <= min(waits) < 10
    assert 50 < max(waits) <= 60
    breaker = Breaker()
    now = 0.0
    for _ in range(60):
        breaker.failed(now, spread)
        now = max(now, breaker.open_until or now)
    assert breaker.open_until is not None
    assert breaker.open_until - now <= 60
