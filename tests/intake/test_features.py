"""Features look at the batch, at what the store knows, and never at the order's own past twice."""

from datetime import timedelta
from pathlib import Path

import export_files as exports
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from qingdan.core import features
from qingdan.core.columns import ORDER_SCHEMA
from qingdan.core.features import Known
from qingdan.intake.batch import read_batch

AS_OF = exports.AS_OF


def _orders(rows: list[dict[str, object]]) -> pl.DataFrame:
    base: dict[str, object] = dict.fromkeys(ORDER_SCHEMA)
    base |= {"channel": "jd", "shop": "店", "receiver_masked": False, "platform_state": "waiting"}
    return pl.DataFrame([{**base, **row} for row in rows], schema=ORDER_SCHEMA)


def _with(rows: list[dict[str, object]], known: Known = features.NOTHING_KNOWN) -> pl.DataFrame:
    return features.with_features(_orders(rows), as_of=AS_OF, remote=("新疆",), known=known)


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["甲", "乙", None]),
            st.sampled_from(["success", "none", "requested", None]),
            st.integers(-5, 40),
        ),
        max_size=15,
    )
)
def test_returns_are_the_buyers_other_refunded_orders_of_thirty_days(
    drawn: list[tuple[str | None, str | None, int]],
) -> None:
    rows: list[dict[str, object]] = [
        {"order_no": f"{n:06d}", "buyer_token": token, "refund_state": state, "created_at": AS_OF - timedelta(days=age)}
        for n, (token, state, age) in enumerate(drawn)
    ]
    counted = [
        sum(
            1
            for m, (token, state, age) in enumerate(drawn)
            if m != n and token is not None and token == own and state == "success" and 0 <= age <= 30
        )
        for n, (own, _, _) in enumerate(drawn)
    ]
    assert _with(rows)["returns_30d"].to_list() == counted


def test_what_the_store_knows_counts_once_beside_the_batch() -> None:
    known = Known(
        returns=pl.DataFrame(
            [
                {"channel": "jd", "order_no": "old-1", "buyer_token": "甲", "created_at": AS_OF - timedelta(days=3)},
                {"channel": "jd", "order_no": "old-2", "buyer_token": "甲", "created_at": AS_OF - timedelta(days=31)},
                {"channel": "pdd", "order_no": "old-3", "buyer_token": "甲", "created_at": AS_OF - timedelta(days=3)},
                {"channel": "jd", "order_no": "000001", "buyer_token": "甲", "created_at": AS_OF - timedelta(days=1)},
            ],
            schema=features.RETURNS_SCHEMA,
        ),
        usual=pl.DataFrame([{"channel": "jd", "shop": "店", "usual_amount": 5000}], schema=features.USUAL_SCHEMA),
    )
    made = _with([{"order_no": "000001", "buyer_token": "甲", "paid_amount": 12345}], known)
    assert made["returns_30d"].to_list() == [1]
    assert made["amount_vs_usual"].to_list() == [246]


def test_one_receiver_is_one_key_however_it_is_spaced_and_its_waiting_orders_are_counted() -> None:
    place: dict[str, object] = {
        "province": "广东",
        "city": "深圳市",
        "district": "福田区",
        "receiver_phone": "13800000000",
    }
    made = _with(
        [
            {"order_no": "0001", **place, "address": "景田北一街12号Ａ座"},
            {"order_no": "0002", **place, "address": "景田 北一街 12号a座"},
            {"order_no": "0003", **place, "address": "景田北一街12号A座", "platform_state": "shipped"},
            {"order_no": "0004", **place, "address": "景田北一街13号"},
            {"order_no": "0005"},
        ]
    )
    keys = made["receiver_key"].to_list()
    assert keys[0] == keys[1] == keys[2] != keys[3]
    assert keys[4] is None
    assert made["same_receiver_count"].to_list() == [2, 2, 2, 1, 1]
    known = Known(
        receivers=pl.DataFrame(
            [
                {"channel": "jd", "order_no": "9999", "receiver_key": keys[3]},
                {"channel": "jd", "order_no": "0004", "receiver_key": keys[3]},
            ],
            schema=features.RECEIVERS_SCHEMA,
        )
    )
    assert _with([{"order_no": "0004", **place, "address": "景田北一街13号"}], known)[
        "same_receiver_count"
    ].to_list() == [2]


def test_the_receiver_key_never_changes_between_versions() -> None:
    made = _with(
        [{"order_no": "0001", "province": "广东", "city": "深圳市", "receiver_phone": "13800000000", "address": "1号"}]
    )
    assert made["receiver_key"].to_list() == ["4d411b697eb0485a8d68d38f"]


def test_pieces_kinds_and_titles_come_from_the_lines_without_gifts(tmp_path: Path) -> None:
    header = [*exports.HEADER, "赠品名称", "赠品数量"]
    rows = [[*exports.row(1, **{"商品数量(件)": "3"}), "杯刷", "2"], [*exports.row(2), "", ""]]
    path = tmp_path / "orders.csv"
    path.write_text(exports.text([header, *rows]), "utf-8")
    batch = read_batch([path], as_of=AS_OF)
    assert batch.orders.select("item_count", "kind_count", "goods_title").rows() == [(3, 1, "保温杯"), (1, 1, "保温杯")]
    assert batch.lines.filter("gift").select("title", "quantity").rows() == [("杯刷", 2)]


def test_what_waiting_orders_have_in_common_is_counted_and_nobody_shares_what_is_hidden() -> None:
    minute = AS_OF - timedelta(hours=2)
    told: list[dict[str, object]] = [
        {"receiver_phone": "13800000000", "buyer_token": "甲", "created_at": minute, "paid_amount": 990},
        {"receiver_phone": "86-13800000000", "buyer_token": "乙", "created_at": minute, "paid_amount": 990},
        {"receiver_phone": "138****0000", "buyer_token": "甲", "created_at": minute + timedelta(minutes=5)},
        {"receiver_phone": "138****0000", "created_at": minute + timedelta(seconds=1), "platform_state": "shipped"},
    ]
    made = _with([{"order_no": f"{n:04d}", **one} for n, one in enumerate(told)])
    assert made["same_phone_count"].to_list() == [2, 2, 1, 1]
    assert made["same_buyer_count"].to_list() == [2, 1, 2, 1]
    assert made["same_minute_count"].to_list() == [2, 2, 1, 2]
    assert made["same_amount_count"].to_list() == [2, 2, 1, 1]

    waiting = made.head(1).with_columns(order_no=pl.lit("stored")).select(list(features.RECEIVERS_SCHEMA))
    again = _with([{"order_no": "0000", **told[0]}], Known(receivers=pl.concat([waiting, waiting.clear()])))
    assert again.select(f"same_{sign}_count" for sign in features.SIGNS).row(0) == (2, 2, 2, 2)


def test_refunds_of_a_receiver_are_counted_whoever_bought() -> None:
    place: dict[str, object] = {"receiver_phone": "13800000000", "address": "景田北一街12号", "created_at": AS_OF}
    made = _with(
        [
            {"order_no": "0001", **place, "buyer_token": "甲", "refund_state": "success"},
            {"order_no": "0002", **place, "buyer_token": "乙", "refund_state": "success"},
            {"order_no": "0003", **place, "buyer_token": "丙"},
        ]
    )
    assert made["receiver_refunds_30d"].to_list() == [1, 1, 2]
    assert made["returns_30d"].to_list() == [0, 0, 0]
