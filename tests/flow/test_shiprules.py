"""Rule packs: shapes of penalties by hand-worked figures, one order and a frame alike, problems with their lines."""

import json
from datetime import UTC, date, datetime, timedelta

import jsonschema
import polars as pl
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from qingdan.core.columns import ORDER_SCHEMA
from qingdan.core.shipping import ShipDefaults, ship_by_one
from qingdan.core.shiprules import Event, Pack, PackError, load_pack, pack_schema, terms, terms_one
from qingdan.core.worktime import micros
from qingdan.data.shipping import pack_texts, packs, schema_text

PAID = datetime(2026, 11, 1, 2, tzinfo=UTC)
H = timedelta(hours=1)


def pack(rules: str, leads: str = "{ship: 6小时, pickup: 18小时, sign: 4天}") -> Pack:
    lines = "\n".join("  " + line for line in rules.strip().splitlines())
    return load_pack(
        f"pack: p\ntitle: 试\nchannel: pdd\nchecked: 2026-11-01\nleads: [{leads}]\nrules:\n{lines}\n", source="p.yaml"
    )


def order(**more: object) -> dict[str, object]:
    return {"channel": "pdd", "shop": "甲", "paid_at": PAID, "paid_amount": 20_000, "province": "浙江"} | more


def owed(rules: str, hours: list[int], **more: object) -> list[int]:
    """Fen owed so many hours after payment, from one order and from a frame of one."""
    held = pack(rules)
    one = terms_one(order(**more), [held])
    frame = terms(frame_of([order(**more)]), [held])
    moments = [PAID + hour * H + timedelta(seconds=1) for hour in hours]
    singles = [one.penalty_at(at) for at in moments]
    assert singles == [int(frame.penalty_at(micros(at))[0]) for at in moments]
    return singles


def frame_of(orders: list[dict[str, object]]) -> pl.DataFrame:
    names = [name for name in ORDER_SCHEMA if any(name in each for each in orders)]
    return pl.DataFrame([{n: o.get(n) for n in names} for o in orders], schema={n: ORDER_SCHEMA[n] for n in names})


RULE = "- {id: a, title: 发货, event: ship, within: 48小时, source: 手册, "


@pytest.mark.parametrize(
    ("rule", "hours", "fen", "more"),
    [
        (RULE + "steps: [{after: 0小时, flat: 3元}]}", [47, 48, 200], [0, 300, 300], {}),
        (RULE + "steps: [{after: 0小时, percent: 5%, floor: 5元, cap: 50元}]}", [49], [1_000], {}),
        (RULE + "steps: [{after: 0小时, percent: 5%, floor: 5元, cap: 50元}]}", [49], [500], {"paid_amount": 900}),
        (RULE + "steps: [{after: 0小时, percent: 5%, floor: 5元, cap: 50元}]}", [49], [5_000], {"paid_amount": 10**7}),
        (RULE + "steps: [{after: 0小时, flat: 3元}, {after: 24小时, percent: 10%}]}", [49, 72], [300, 2_000], {}),
        (
            RULE + "adds: extra, steps: [{after: 0小时, flat: 3元}, {after: 24小时, percent: 10%}]}",
            [49, 72],
            [300, 2_300],
            {},
        ),
        (RULE + "steps: [{after: 0小时, flat: 5元}, {after: 24小时, flat: 3元}]}", [49, 73], [500, 500], {}),
        (
            RULE + "cap: 25元, steps: [{after: 0小时, flat: 10元, every: 24小时, times: 5}]}",
            [48, 72, 96, 200],
            [1_000, 2_000, 2_500, 2_500],
            {},
        ),
        (
            RULE
            + "steps: [{after: 0小时, bands: [{below: 3元, flat: 0元}, {below: 300元, flat: 3元}, {percent: 1%}]}]}",
            [49],
            [400],
            {"paid_amount": 40_000},
        ),
        (
            RULE
            + "steps: [{after: 0小时, bands: [{below: 3元, flat: 0元}, {below: 300元, flat: 3元}, {percent: 1%}]}]}",
            [49],
            [0],
            {"paid_amount": 299},
        ),
        (RULE + "per: item, steps: [{after: 0小时, flat: 3元}]}", [49], [900], {"item_count": 3}),
        (RULE + "share: 30%, steps: [{after: 0小时, flat: 5元}]}", [49], [150], {}),
        (RULE + "steps: [{after: 0小时, flat: 3元}]}", [49, 100], [0, 300], {"ship_by": PAID + 60 * H}),
        (RULE + "steps: [{after: 0小时, flat: 3元}], since: 2026-11-02}", [100], [0], {}),
        (RULE + "steps: [{after: 0小时, flat: 3元}], until: 2026-11-01}", [100], [0], {}),
        (RULE + "steps: [{after: 0小时, flat: 3元}], shops: [乙]}", [100], [0], {}),
        (RULE + "steps: [{after: 0小时, flat: 3元}], presale: true}", [100], [0], {}),
        (
            RULE + "steps: [{after: 0小时, flat: 3元}], exempt: [{since: 2026-11-02, until: 2026-11-03}]}",
            [100],
            [0],
            {},
        ),
        (
            RULE + "steps: [{after: 0小时, flat: 3元}], "
            "exempt: [{since: 2026-11-02, until: 2026-11-03, effect: extend, provinces: [浙江]}]}",
            [61, 62],  # the third ends at 16:00 UTC, 62 hours after payment
            [0, 300],
            {},
        ),
        (
            RULE + "steps: [{after: 0小时, flat: 3元}], "
            "exempt: [{since: 2026-11-02, until: 2026-11-03, provinces: [西藏]}]}",
            [49],
            [300],
            {},
        ),
    ],
)
def test_each_shape_charges_what_it_says(rule: str, hours: list[int], fen: list[int], more: dict[str, object]) -> None:
    assert owed(rule, hours, **more) == fen


def test_ship_pickup_and_sign_are_three_deadlines_and_the_tightest_one_rules_the_release() -> None:
    held = pack(
        "- {id: s, title: 发, event: ship, within: 48小时, source: x, steps: [{after: 0小时, flat: 3元}]}\n"
        "- {id: p, title: 揽, event: pickup, start: ship_due, within: 6小时, source: x, "
        "steps: [{after: 0小时, flat: 9元}]}\n"
        "- {id: r, title: 收, event: sign, start: pickup_due, within: 5天, source: x}"
    )
    one = terms_one(order(), [held])
    assert [(d.event, d.at) for d in one.deadlines] == [
        (Event.SHIP, PAID + 48 * H),
        (Event.PICKUP, PAID + 54 * H),
        (Event.SIGN, PAID + 174 * H),
    ]
    # releases that still make it: 48 - 6, 54 - 18, 174 - 96 hours after payment
    assert one.latest_release == PAID + 36 * H
    assert one.next_step(PAID) == (PAID + 48 * H, 300)
    assert one.avoided(PAID + 36 * H) == 1200
    assert one.avoided(PAID + 37 * H) == 300
    assert one.avoided(PAID + 43 * H) == 0
    table = terms(frame_of([order()]), [held])
    for hours, fen in ((36, 1200), (37, 300), (42, 300), (43, 0)):  # to the very moment is in time
        assert table.avoided(micros(PAID + hours * H)).tolist() == [fen]
        assert table.avoided(micros(PAID + hours * H), micros(PAID + 39 * H)).tolist() == [fen - 300]
    assert table.penalty_at(micros(PAID + 48 * H)).tolist() == [one.penalty_at(PAID + 48 * H)] == [0]
    assert table.penalty_at(micros(PAID + 48 * H) + 1).tolist() == [300]
    shipped = terms_one(order(), [held], events=[Event.PICKUP, Event.SIGN])
    assert shipped.penalty_at(PAID + 100 * H) == 900


def test_a_rule_of_the_own_shop_goes_before_and_a_newer_one_before_an_older() -> None:
    held = pack(
        "- {id: old, title: 旧, event: ship, within: 24小时, source: x}\n"
        "- {id: new, title: 新, event: ship, within: 36小时, since: 2026-10-01, source: x}\n"
        "- {id: own, title: 己, event: ship, within: 72小时, shops: [乙], source: x}"
    )
    assert [terms_one(order(shop=shop), [held]).deadlines[0].rule.id for shop in ("甲", "乙")] == ["new", "own"]


def test_without_a_rule_the_promise_is_the_deadline_and_costs_nothing() -> None:
    lone = {"channel": "wechat", "ship_by": PAID + 5 * H}
    one = terms_one(lone, packs())
    assert (one.deadlines[0].at, one.deadlines[0].rule, one.charges) == (PAID + 5 * H, None, ())
    assert terms_one({"channel": "wechat"}, packs()).latest_release is None


def test_the_ship_deadline_agrees_with_the_one_that_review_shows() -> None:
    """Packs and the older defaults answer the same question; where both assume 48 hours they must agree."""
    for channel in ("douyin", "taobao"):
        facts = {"channel": channel, "paid_at": PAID, "paid_amount": 100}
        expected, _ = ship_by_one(facts, ShipDefaults(), "Asia/Shanghai")
        assert terms_one(facts, packs()).deadlines[0].at == expected


moments = st.integers(0, 60 * 24 * 30).map(lambda n: datetime(2024, 12, 20, tzinfo=UTC) + timedelta(minutes=n))
some = st.none() | moments
orders = st.fixed_dictionaries(
    {
        "channel": st.sampled_from(["pdd", "douyin", "jd", "taobao", "wechat"]),
        "shop": st.sampled_from(["甲", "乙"]),
        "province": st.sampled_from([None, "浙江", "西藏"]),
        "paid_at": some,
        "created_at": some,
        "ship_by": some,
        "pickup_by": some,
        "paid_amount": st.none() | st.integers(0, 10**6),
        "item_count": st.none() | st.integers(0, 5),
        "kind_count": st.none() | st.integers(0, 5),
        "presale_step": st.sampled_from(["none", "deposit_paid"]),
    }
)
MORE = pack(
    "- {id: a, title: 发, event: ship, within: 30小时, source: x, per: item, cap: 40元, share: 33%, adds: extra, "
    "steps: [{after: 0小时, flat: 3元, every: 5小时, times: 3}, {after: 7小时, percent: 1.5%, floor: 1元, cap: 9元}], "
    "exempt: [{since: 2025-01-01, until: 2025-01-03, effect: extend}, {since: 2025-01-04, until: 2025-01-05}]}\n"
    "- {id: b, title: 揽, event: pickup, start: ship_due, within: 3小时, source: x, shops: [乙], promise: false, "
    "steps: [{after: 1小时, flat: 2元}]}\n"
    "- {id: c, title: 收, event: sign, start: pickup_due, within: 2天, presale: false, source: x, "
    "steps: [{after: 0小时, flat: 2元}]}",
    leads="{ship: 1小时, pickup: 2小时, sign: 3小时, shops: [乙]}, {ship: 5小时}",
)


BUNDLED = packs()


@settings(max_examples=60, deadline=None)
@given(
    st.lists(orders, min_size=1, max_size=12),
    moments,
    st.sampled_from([[*BUNDLED], [MORE, *(p for p in BUNDLED if p.channel != "pdd")]]),
    st.sets(st.sampled_from(Event), min_size=1),
)
def test_a_frame_and_its_orders_one_by_one_agree(
    rows: list[dict[str, object]], at: datetime, held: list[Pack], events: set[Event]
) -> None:
    table = terms(frame_of(rows), held, events=events)
    now = micros(at)
    next_at, next_fen = table.next_step(now)
    for index, row in enumerate(rows):
        one = terms_one(row, held, events=events)
        known = {d.event: d for d in one.deadlines}
        for event in events:
            due = known.get(event)
            assert int(table.due[event][index]) == (micros(due.at) if due else 2**63 - 1)
            if due:
                assert bool(table.assumed[event][index]) == due.assumed
                assert (table.rules[table.rule[event][index]] if table.rule[event][index] >= 0 else None) == due.rule
        assert int(table.penalty_at(now)[index]) == one.penalty_at(at)
        following = one.next_step(at)
        assert (int(next_at[index]), int(next_fen[index])) == (
            (micros(following[0]), following[1]) if following else (2**63 - 1, 0)
        )
        latest = one.latest_release
        assert int(table.latest_release[index]) == (micros(latest) if latest else 2**63 - 1)
        assert int(table.avoided(now)[index]) == one.avoided(at)


@pytest.mark.parametrize(
    ("rule", "line", "words"),
    [
        ("- {id: A, title: t, event: ship, within: 48小时, source: x}", 7, "编号"),
        ("- {id: a, title: t, event: boat, within: 48小时, source: x}", 7, "ship、pickup、sign"),
        ("- {id: a, title: t, event: ship, within: 两天, source: x}", 7, "时长"),
        (
            "- id: a\n  title: t\n  event: ship\n  within: 1天\n  source: x\n  steps:\n  - {after: 1小时, flat: 3}",
            13,
            "金额",
        ),
        ("- {id: a, title: t, event: ship, within: 1天, source: x, steps: [{after: 1小时}]}", 7, "没有写金额"),
        (
            "- {id: a, title: t, event: ship, within: 1天, source: x, steps: [{after: 0小时, percent: 120%}]}",
            7,
            "百分比",
        ),
        ("- {id: a, title: t, event: ship, start: pickup_due, within: 1天, source: x}", 7, "起算"),
        ("- {id: a, title: t, event: ship, within: 1天, source: x, since: 2026-02-30}", 7, "日期"),
        (
            "- {id: a, title: t, event: ship, within: 1天, source: x, since: 2026-02-03, until: 2026-02-03}",
            7,
            "结束日期",
        ),
        (
            (
                "- {id: a, title: t, event: ship, within: 1天, source: x, "
                "steps: [{after: 0小时, bands: [{flat: 1元}, {below: 3元, flat: 2元}]}]}"
            ),
            7,
            "各档",
        ),
        (
            (
                "- {id: a, title: t, event: ship, within: 1天, source: x, "
                "steps: [{after: 5小时, flat: 1元}, {after: 1小时, flat: 1元}]}"
            ),
            7,
            "各步",
        ),
        ("- {id: a, title: t, event: ship, within: 1天, source: x, colour: red}", 7, "不认识的键"),
    ],
)
def test_a_faulty_pack_is_refused_with_the_line(rule: str, line: int, words: str) -> None:
    with pytest.raises(PackError) as caught:
        pack(rule)
    said = [(p.line, p.text("zh")) for p in caught.value.problems]
    assert any(at == line and words in text for at, text in said), said
    assert all(p.text("en") for p in caught.value.problems)


def test_two_rules_for_the_same_orders_and_a_missing_source_are_warned_of() -> None:
    held = pack(
        "- {id: a, title: t, event: ship, within: 1天, source: x}\n- {id: b, title: t, event: ship, within: 2天}"
    )
    assert [w.line for w in held.warnings] == [8, 8]


def test_two_packs_for_one_channel_are_refused() -> None:
    rule = "- {id: a, title: t, event: ship, within: 1天, source: x}"
    for work_out in (lambda held: terms_one(order(), held), lambda held: terms(frame_of([order()]), held)):
        with pytest.raises(ValueError, match="same channel"):
            work_out([pack(rule), pack(rule)])


def test_the_packs_that_come_along_name_source_and_day_and_ask_to_be_verified() -> None:
    for held in packs():
        assert held.verify
        assert held.checked >= date(2026, 11, 1)
        assert all(rule.source and rule.verify for rule in held.rules)
        assert not held.warnings


def test_the_published_schema_is_made_from_the_code_and_accepts_the_packs() -> None:
    assert json.loads(schema_text()) == pack_schema()
    for text in pack_texts().values():
        content = json.loads(json.dumps(yaml.safe_load(text), default=str))
        jsonschema.validate(content, pack_schema())
