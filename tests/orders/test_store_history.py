"""Any mix of imports and decisions keeps the counters equal to a recount and the events equal to the versions."""

import datetime as dt
from uuid import uuid4

import order_frames as frames
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from order_store import Store

from qingdan.orders import actions
from qingdan.orders.actions import Action, ConflictError, MoveRefusedError, decide
from qingdan.orders.actors import Actor

BASE = frames.facts(8)
STATES = st.sampled_from(["waiting", "unpaid", "partly_shipped", "shipped", "signed", "closed", "cancelled"])
CHANGES = st.fixed_dictionaries(
    {},
    optional={
        "platform_state": STATES,
        "platform_hold": st.sampled_from(["none", "locked"]),
        "refund_state": st.sampled_from(["none", "requested", "success", None]),
        "paid_amount": st.one_of(st.none(), st.integers(0, 200_000)),
        "province": st.sampled_from([None, "浙江", "新疆"]),
        "vip": st.booleans(),
        "seller_memo": st.sampled_from(["", '引"号,\n', "加急"]),
    },
)


class Desk(RuleBasedStateMachine):
    """One merchant's orders under imports, decisions and folding."""

    @initialize()
    def open(self) -> None:
        merchant = actions.ensure_merchant(f"商家{uuid4()}").pk
        self.store = Store(merchant, actions.ensure_shops(merchant, [("taobao", "旗舰店")]))
        self.facts = {str(f["order_no"]): dict(f) for f in BASE}
        self.clock = frames.AS_OF
        self.hand: dict[int, str] = {}

    @rule(picked=st.lists(st.integers(0, len(BASE) - 1), min_size=1, unique=True), changes=CHANGES)
    def record(self, picked: list[int], changes: dict[str, object]) -> None:
        self.clock += dt.timedelta(hours=1)
        for place in picked:
            self.facts[str(BASE[place]["order_no"])].update(changes)
        sent = [self.facts[str(BASE[place]["order_no"])] for place in picked]
        done = self.store.record(sent, as_of=self.clock)
        assert done.new + done.changed + done.unchanged == len(picked)
        assert self.store.record(sent, as_of=self.clock).unchanged == len(picked)

    @rule(place=st.integers(0, len(BASE) - 1), action=st.sampled_from(Action), stale=st.booleans())
    def judge(self, place: int, action: Action, *, stale: bool) -> None:
        rows = self.store.rows(
            "SELECT id, version, platform_state FROM orders_order WHERE merchant_id = %s AND order_no = %s",
            BASE[place]["order_no"],
        )
        if not rows:
            return
        key, version, state = rows[0]
        try:
            decide(
                key,
                merchant=self.store.merchant,
                version=version - stale,
                action=action,
                actor=Actor("user", "7", "王芳"),
            )
        except ConflictError:
            assert stale
        except MoveRefusedError:
            pass
        else:
            assert not stale
            assert action is not Action.RELEASE or state not in {"closed", "cancelled"}

    @rule()
    def fold(self) -> None:
        actions.compact_counters()

    @invariant()
    def exact(self) -> None:
        if hasattr(self, "store"):
            self.store.check()


@pytest.mark.django_db
def test_counters_and_history_hold_under_any_mix() -> None:
    run_state_machine_as_test(
        Desk,
        settings=settings(
            max_examples=12,
            stateful_step_count=12,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
