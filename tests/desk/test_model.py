"""The desk beside a small model: leases, verdicts, holds, cancels and steps of the clock in any order."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from tests.fulfilment.outgoing import Store

from qingdan.desk import actions, keeping, leases, refreshing, undoing, verdicts
from qingdan.desk.errors import DeskError
from qingdan.desk.models import Lease, Snooze
from qingdan.desk.verdicts import Ruling
from qingdan.orders import actions as orders
from qingdan.orders.actors import Actor
from qingdan.orders.models import Order
from qingdan.people.models import User

PEOPLE, ORDERS = 3, 4
DAY = timedelta(days=1)
TARGET = {"release": "released", "hold": "held", "refuse": "cancelled", "exception": "exception", "review": "in_review"}
OVER = {"cancelled", "sent"}
who = st.integers(0, PEOPLE - 1)
which = st.integers(0, ORDERS - 1)


@dataclass(frozen=True)
class Was:
    """What a verdict can be taken back to."""

    version: int
    stage: str
    hand: bool
    hold: str | None


@dataclass
class Known:
    """One order as the model knows it."""

    stage: str = "in_review"
    version: int = 1
    hand: bool = False
    cancelled: bool = False
    refund: bool = False
    hold: str | None = None
    """What a hand hold waits for."""
    owner: int | None = None
    lapsed: bool = False
    snoozed: int | None = None
    last: Was | None = None
    tokens: dict[int, int] = field(default_factory=dict)

    @property
    def workable(self) -> bool:
        return self.stage in {"in_review", "exception"} or (self.stage == "held" and not self.hand)

    def others(self, person: int) -> bool:
        return self.owner is not None and self.owner != person and not self.lapsed


class Desk(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.store = Store()
        self.keys = self.store.record(*({"order_no": str(n), "verdict": "review"} for n in range(ORDERS)))
        self.people = [
            User.objects.create(
                login=f"m{self.store.merchant}-{n}",
                name=f"人{n}",
                merchant_id=self.store.merchant,
                roles=["supervisor"],
            )
            for n in range(PEOPLE)
        ]
        self.known = [Known() for _ in self.keys]
        refreshing.refresh(self.store.merchant)

    @rule(person=who, wanted=st.integers(1, 3))
    def claim(self, person: int, wanted: int) -> None:
        refreshing.refresh(self.store.merchant)
        free = [
            n for n, o in enumerate(self.known) if o.workable and (o.owner is None or o.lapsed) and o.snoozed is None
        ]
        found = leases.claim(self.people[person], wanted)
        for order in self.known:
            if order.lapsed:
                order.owner, order.lapsed = None, False
        got = [self.keys.index(lease.order_id) for lease in found]
        assert len(got) == min(wanted, len(free))
        assert set(got) <= set(free)
        for n, lease in zip(got, found, strict=True):
            self._hand(n, person, lease.token)

    @rule(person=who, n=which, override=st.booleans())
    def take(self, person: int, n: int, override: bool) -> None:  # noqa: FBT001 - hypothesis calls it so
        order = self.known[n]
        refused = order.others(person) and not override
        if (lease := self._try(lambda: leases.take(self.people[person], self.keys[n], override=override))) is None:
            assert refused
            return
        assert not refused
        self._hand(n, person, lease.token)
        order.snoozed = None

    @rule(n=which)
    def time_passes_a_lease(self, n: int) -> None:
        if self.known[n].owner is not None:
            Lease.objects.filter(pk=self.keys[n]).update(expires_at=datetime.now(UTC) - timedelta(seconds=1))
            self.known[n].lapsed = True

    @rule()
    def sweep(self) -> None:
        assert leases.sweep(self.store.merchant) == sum(order.lapsed for order in self.known)
        for order in self.known:
            if order.lapsed:
                order.owner, order.lapsed = None, False

    @rule(person=who, n=which)
    def renew(self, person: int, n: int) -> None:
        order = self.known[n]
        held = leases.renew(self.people[person], {self.keys[n]: order.tokens.get(person, -1)})
        assert bool(held) == (order.owner == person and not order.lapsed)

    @rule(person=who)
    def give_back(self, person: int) -> None:
        mine = {n for n, order in enumerate(self.known) if order.owner == person}
        assert {self.keys.index(key) for key in leases.give_back(self.people[person])} == mine
        for n in mine:
            self.known[n].owner, self.known[n].lapsed = None, False

    @rule(giver=who, taker=who)
    def hand_over(self, giver: int, taker: int) -> None:
        if giver == taker:
            return
        boss = Actor("user", "1", "主管")
        ids = (self.people[giver].pk, self.people[taker].pk)
        actions.hand_over(*ids, merchant=self.store.merchant, actor=boss)
        for n, order in enumerate(self.known):
            if order.owner == giver:
                self._hand(n, taker, Lease.objects.get(pk=self.keys[n]).token)
            if order.snoozed == giver:
                order.snoozed = taker

    @rule(
        person=who,
        n=which,
        verdict=st.sampled_from(sorted(TARGET)),
        behind=st.sampled_from([0, 0, 0, 0, 1]),
        hold=st.sampled_from(["time", "stock", "reply", "refund"]),
        reason=st.uuids().map(str),
    )
    def decide(self, *, person: int, n: int, verdict: str, behind: int, hold: str, reason: str) -> None:
        order, target = self.known[n], TARGET[verdict]
        until = datetime.now(UTC) + DAY if hold == "time" else None
        ruling = Ruling(verdict, order.version - behind, reason, hold, until)
        allowed = (
            not order.others(person)
            and not behind
            and order.stage not in OVER
            and not (verdict == "release" and order.cancelled)
            and not (verdict == "hold" and hold == "refund" and not order.refund)
        )
        ruled = self._try(lambda: verdicts.rule(self.people[person], self.keys[n], ruling))
        if order.others(person):
            allowed = False
        assert (ruled is not None) == allowed
        if ruled is None:
            return
        order.last = Was(order.version + 1, order.stage, order.hand, order.hold)
        order.stage, order.version, order.hand = target, order.version + 1, True
        order.hold = hold if verdict == "hold" else None
        order.owner, order.lapsed, order.snoozed = None, False, None
        assert (ruled.version, ruled.stage) == (order.version, target)
        again = verdicts.rule(self.people[person], self.keys[n], ruling)
        assert (again.version, again.repeated) == (order.version, True)

    @rule(person=who, n=which)
    def take_back(self, person: int, n: int) -> None:
        order = self.known[n]
        back = self._try(lambda: undoing.undo(self.people[person], self.keys[n]))
        if order.snoozed == person:
            assert back is not None
            order.snoozed = None
            self._hand(n, person, Lease.objects.get(pk=self.keys[n]).token)
            return
        possible = order.last is not None and order.version == order.last.version and not order.others(person)
        assert (back is not None) == possible
        if back is None or order.last is None:
            return
        order.stage, order.hand, order.hold = order.last.stage, order.last.hand, order.last.hold
        order.version, order.last = order.version + 1, None
        self._hand(n, person, Lease.objects.get(pk=self.keys[n]).token)

    @rule(person=who, n=which)
    def snooze(self, person: int, n: int) -> None:
        order = self.known[n]
        asked = self._try(lambda: [verdicts.snooze(self.people[person], self.keys[n], datetime.now(UTC) + DAY)])
        allowed = order.stage in {"in_review", "exception", "held"} and not order.others(person)
        assert (asked is not None) == allowed
        if asked is not None:
            order.owner, order.lapsed, order.snoozed = None, False, person

    @rule(n=which)
    def time_passes_a_snooze(self, n: int) -> None:
        Snooze.objects.filter(pk=self.keys[n]).delete()
        self.known[n].snoozed = None

    @rule(n=which)
    def time_passes_a_hold(self, n: int) -> None:
        order = self.known[n]
        Order.objects.filter(pk=self.keys[n], stage="held").update(held_until=datetime.now(UTC) - timedelta(seconds=1))
        orders.end_holds()
        if order.stage == "held":
            self._freed(order)

    @rule(n=which, kind=st.sampled_from(["stock", "reply"]))
    def comes_true(self, n: int, kind: str) -> None:
        order = self.known[n]
        met = actions.hold_met([self.keys[n]], kind, merchant=self.store.merchant, actor=Actor("user", "1", "主管"))
        assert bool(met) == (order.stage == "held" and order.hold == kind)
        if met:
            self._freed(order)

    @rule(n=which)
    def refund_is_asked_or_settled(self, n: int) -> None:
        order = self.known[n]
        if order.cancelled:
            return
        order.refund = not order.refund
        self._hear(n, refund_state="requested" if order.refund else "closed")
        order.version += 1
        if not order.refund and order.stage == "held" and order.hold == "refund":
            assert keeping.end_settled(self.store.merchant) == 1
            self._freed(order)

    @rule(n=which)
    def the_platform_cancels(self, n: int) -> None:
        order = self.known[n]
        if order.cancelled:
            return
        order.cancelled = True
        self._hear(n, platform_state="cancelled", verdict="none", stage="cancelled")
        order.version += 1
        order.stage, order.hold, order.hand = "cancelled", None, False

    @invariant()
    def nothing_differs(self) -> None:
        stored = Order.objects.in_bulk(self.keys)
        held = {lease.order_id: lease for lease in Lease.objects.filter(merchant=self.store.merchant)}
        for key, order in zip(self.keys, self.known, strict=True):
            now = stored[key]
            assert (now.stage, now.version) == (order.stage, order.version)
            holder = self.people[order.owner].pk if order.owner is not None else None
            assert (held[key].user_id if key in held else None) == holder
            assert not (now.stage == "released" and order.cancelled)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT o.id FROM orders_order AS o JOIN fulfilment_push AS p ON p.order_id = o.id "
                "WHERE o.merchant_id = %s AND (o.stage = 'released') <> (p.state = 'ready') AND p.revision = "
                "(SELECT max(revision) FROM fulfilment_push AS q WHERE q.order_id = o.id)",
                [self.store.merchant],
            )
            assert cursor.fetchall() == []

    def _freed(self, order: Known) -> None:
        order.stage, order.hand, order.hold = "in_review", False, None
        order.version += 1

    def _hand(self, n: int, person: int, token: int) -> None:
        order = self.known[n]
        order.owner, order.lapsed = person, False
        order.tokens = {**order.tokens, person: token}

    def _hear(self, n: int, **facts: Any) -> None:
        self.store.record({"order_no": str(n), **facts})

    def _try(self, call: Any) -> Any:
        try:
            return call()
        except DeskError:
            return None


@pytest.mark.django_db
def test_the_desk_does_as_the_model() -> None:
    run_state_machine_as_test(
        Desk,
        settings=settings(
            max_examples=8,
            stateful_step_count=25,
            deadline=None,
            derandomize=True,
            # shrinking such a machine takes minutes; the steps of a failure are printed as they are
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
