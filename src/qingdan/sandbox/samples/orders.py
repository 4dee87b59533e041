"""Neutral orders in columns, with problems planted in stated shares; the platform writers turn them into files."""

from dataclasses import asdict, dataclass, fields
from datetime import datetime, timedelta
from typing import Final

import numpy as np
import polars as pl

from qingdan.sandbox.samples.vocabulary import Bools, Goods, Ints, Random, addresses, people, pick, words

STATES: Final = ("unpaid", "shipped", "signed", "cancelled")
RELEASE_LIMIT: Final = 500_00
ABNORMAL_ABOVE: Final = 5000_00
MAX_LINES: Final = 3

PROMISE: Final = timedelta(hours=48)

SUPPORTED: Final[dict[str, frozenset[str]]] = {
    "taobao": frozenset({"outside_mainland", "refund_open"}),
    "jd": frozenset({"cash_on_delivery", "platform_hold"}),
    "pdd": frozenset({"outside_mainland", "refund_open", "platform_hold"}),
    "douyin": frozenset({"outside_mainland", "refund_open"}),
}
"""Problems that only some platforms' exports can show."""

REASONS: Final[dict[str, tuple[str, ...]]] = {
    "over_limit": ("amount_region",),
    "amount_high": ("amount_abnormal", "amount_region"),
    "amount_low": ("amount_abnormal",),
    "region_missing": ("address_unclear", "amount_region"),
    "detail_unclear": ("address_unclear",),
    "payment_failed": ("payment", "payment_failed"),
    "cash_on_delivery": ("payment",),
    "outside_mainland": ("amount_region",),
    "platform_hold": ("platform_hold",),
    "refund_open": ("refund_open",),
    "address_change": ("address_change",),
}
"""Rule ids of the starter policy that a planted problem sets off."""

EXCEPTIONS: Final = ("amount_abnormal", "address_unclear", "payment_failed")
HOLDS: Final = ("platform_hold", "refund_open", "address_change")


@dataclass(frozen=True, slots=True)
class Shares:
    """Stated shares. States are shares of all orders, problems of the orders that wait to ship.

    Problems exclude each other. A problem that a platform's export can not show is left out there (``SUPPORTED``).
    Urgency, notes and masks go their own way.
    """

    unpaid: float = 0.02
    shipped: float = 0.03
    signed: float = 0.01
    cancelled: float = 0.02
    over_limit: float = 0.0
    amount_high: float = 0.005
    amount_low: float = 0.003
    region_missing: float = 0.01
    detail_unclear: float = 0.015
    payment_failed: float = 0.01
    cash_on_delivery: float = 0.02
    outside_mainland: float = 0.005
    platform_hold: float = 0.02
    refund_open: float = 0.02
    address_change: float = 0.01
    expedited: float = 0.02
    complaint: float = 0.005
    vip: float = 0.01
    plain_note: float = 0.12
    lookalike_note: float = 0.03
    masked: float = 0.3

    def stated(self) -> dict[str, float]:
        """Shares by name."""
        return asdict(self)


PROBLEMS: Final = tuple(REASONS)
URGENT: Final = ("expedited", "complaint", "vip")
assert {*STATES, *PROBLEMS, *URGENT} <= {f.name for f in fields(Shares)}  # noqa: S101


@dataclass(frozen=True, slots=True)
class Window:
    """When orders were placed, Beijing time: a start, an end and the hour of the peak between them."""

    start: datetime
    end: datetime
    peak: datetime
    waiting_from: datetime | None = None
    """When set, what still waits was placed after this moment and all the rest before it."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Orders of one shop: ``orders`` one row each, ``lines`` joined by ``row``."""

    orders: pl.DataFrame
    lines: pl.DataFrame


def make(
    rng: Random, channel: str, count: int, *, goods: Goods, shares: Shares, window: Window, first: int = 0
) -> Batch:
    """``count`` orders of ``channel``; ``first`` is the number of orders made before, so that numbers stay unique."""
    state, problem = _plant(rng, channel, count, shares)
    frame = pl.concat([people(rng, count), addresses(rng, count)], how="horizontal").with_columns(
        state=pl.Series(state), problem=pl.Series(problem), serial=pl.Series(np.arange(first, first + count))
    )
    lines = _lines(rng, problem, goods, single=channel == "pdd")
    sums = lines.group_by("row", maintain_order=True).agg(
        goods_amount=(pl.col("price") * pl.col("quantity")).sum(),
        discount=pl.col("discount").sum(),
        item_count=pl.col("quantity").sum(),
        kind_count=pl.len(),
        title=pl.col("title").first(),
    )
    frame = frame.with_columns(sums.drop("row")).with_columns(
        freight=pl.lit(0, pl.Int64),
        paid_amount=pl.col("goods_amount") - pl.col("discount"),
    )
    frame = _times(rng, frame, window)
    frame = _spoil_address(rng, frame)
    frame = _notes(rng, frame, shares)
    frame = _mask_flags(rng, frame, shares)
    return Batch(_expect(frame).with_row_index("row"), lines)


def _quota(rng: Random, free: Bools, number: int) -> Bools:
    """Exactly ``number`` of the free rows (or all there are), at random."""
    rows = np.flatnonzero(free)
    chosen = np.zeros(free.shape, dtype=np.bool_)
    chosen[rng.permutation(rows)[:number]] = True
    return chosen


def _plant(rng: Random, channel: str, count: int, shares: Shares) -> tuple[list[str], list[str]]:
    share = shares.stated()
    state = np.full(count, "waiting", dtype="<U16")
    problem = np.full(count, "", dtype="<U16")
    for name in STATES:
        state[_quota(rng, state == "waiting", round(share[name] * count))] = name
    waiting = state == "waiting"
    special = frozenset[str]().union(*SUPPORTED.values())
    for name in PROBLEMS:
        if name in special and name not in SUPPORTED[channel]:
            continue
        problem[_quota(rng, waiting & (problem == ""), round(share[name] * waiting.sum()))] = name
    return state.tolist(), problem.tolist()


def _lines(rng: Random, problem: list[str], goods: Goods, *, single: bool) -> pl.DataFrame:
    """One to three lines an order, of which only ``over_limit`` and ``amount_high`` come to more than the limit."""
    count = len(problem)
    large = np.isin(problem, ("over_limit", "amount_high"))
    small_skus = np.flatnonzero(goods.skus["small"].to_numpy())
    large_skus = np.flatnonzero(~goods.skus["small"].to_numpy())
    # An order has a SKU once: three places of the catalogue, evenly apart from a random start.
    chosen = np.where(large[:, None], _apart(rng, large_skus, count), _apart(rng, small_skus, count))
    price = goods.skus["price"].to_numpy()[chosen]
    quantity = rng.choice([1, 1, 1, 1, 2], (count, MAX_LINES))
    kinds = np.ones(count, dtype=np.int64) if single else rng.choice([1, 1, 1, 1, 2, 3], count)
    used = np.arange(MAX_LINES)[None, :] < kinds[:, None]
    total = (price * quantity * used).sum(axis=1)
    plain = (total > RELEASE_LIMIT) & ~large | (total > ABNORMAL_ABOVE)
    kinds[plain] = 1
    quantity[plain] = 1
    high = np.asarray(problem) == "amount_high"
    kinds[high] = 1
    quantity[high, 0] = ABNORMAL_ABOVE // price[high, 0] + 2
    used = np.arange(MAX_LINES)[None, :] < kinds[:, None]
    discount = np.zeros_like(price)
    room = (price[:, 0] * quantity[:, 0]) // 10 // 100 * 100
    discount[:, 0] = np.where(large, 0, room * rng.integers(0, 2, count))
    low = np.asarray(problem) == "amount_low"
    kept = rng.integers(1, 99, count)
    discount[low, 0] = (price[:, 0] * quantity[:, 0] - kept)[low]
    used[low] = np.arange(MAX_LINES) < 1
    rows, nth = np.nonzero(used)
    sku = goods.skus[pl.Series(chosen[rows, nth])]
    return sku.drop("small").with_columns(
        row=pl.Series(rows, dtype=pl.UInt32),
        line=pl.Series(nth + 1),
        quantity=pl.Series(quantity[rows, nth]),
        discount=pl.Series(discount[rows, nth]),
    )


def _apart(rng: Random, skus: Ints, count: int) -> Ints:
    start = rng.integers(0, len(skus), count)
    places = start[:, None] + np.arange(MAX_LINES)[None, :] * max(1, len(skus) // MAX_LINES)
    chosen: Ints = skus[places % len(skus)]
    return chosen


def _times(rng: Random, frame: pl.DataFrame, window: Window) -> pl.DataFrame:
    """Beijing wall times: placed around the peak, paid within minutes, promised two days later."""
    count = frame.height
    length, peak = (window.end - window.start).total_seconds(), (window.peak - window.start).total_seconds()
    seconds = rng.triangular(0, peak, length, count)
    if window.waiting_from is not None:
        cut = (window.waiting_from - window.start).total_seconds()
        waiting = frame["state"].is_in(["waiting", "unpaid"]).to_numpy()
        seconds = np.where(waiting, rng.uniform(cut, length, count), seconds * cut / length)
    created = pl.lit(window.start) + _seconds(seconds.astype(np.int64))
    ship_after = rng.integers(1800, 7000, count)
    pay_after = rng.integers(8, 900, count)
    frame = frame.with_columns(created=created)
    unpaid = (pl.col("state") == "unpaid") | pl.col("problem").is_in(["payment_failed", "cash_on_delivery"])
    paid = pl.col("created") + _seconds(pay_after)
    sent = pl.col("state").is_in(["shipped", "signed"])
    return frame.with_columns(
        paid=pl.when(~unpaid).then(paid),
        ship_by=pl.col("created") + PROMISE,
        shipped=pl.when(sent).then(paid + _seconds(ship_after)),
    )


def _seconds(values: Ints) -> pl.Expr:
    return pl.duration(seconds=pl.lit(pl.Series(values)))


def _spoil_address(rng: Random, frame: pl.DataFrame) -> pl.DataFrame:
    count, vocabulary = frame.height, words()
    bad = pl.Series(vocabulary["short_details"] + vocabulary["vague_details"])
    outside = pl.DataFrame(
        vocabulary["outside"], schema=["o_province", "o_city", "o_district", "o_detail"], orient="row"
    )
    frame = frame.with_columns(
        outside[pl.Series(rng.integers(0, outside.height, count))],
        bad=bad.gather(pl.Series(rng.integers(0, len(bad), count))),
    )
    gone, away = pl.col("problem") == "region_missing", pl.col("problem") == "outside_mainland"
    unclear = pl.col("problem") == "detail_unclear"

    def place(column: str) -> pl.Expr:
        return pl.when(away).then(f"o_{column}").when(~gone).then(column).alias(column)

    suffix = r"(?:特别行政区|省)$"
    return frame.with_columns(
        place("province"),
        place("city"),
        place("district"),
        short=pl.when(away).then(pl.col("o_province").str.replace(suffix, "")).when(~gone).then("short"),
        town=pl.when(~gone & ~away & ~unclear).then("town"),
        detail=pl.when(away).then("o_detail").when(unclear).then("bad").otherwise("detail"),
    ).drop("bad", *outside.columns)


def _notes(rng: Random, frame: pl.DataFrame, shares: Shares) -> pl.DataFrame:
    """Buyer messages and seller memos; urgency and address changes stand in one of the two."""
    count, vocabulary = frame.height, words()
    kind = np.full(count, "", dtype="<U16")
    kind[frame["problem"].to_numpy() == "address_change"] = "address_change"
    share = shares.stated()
    for name in (*URGENT, "plain_note", "lookalike_note"):
        kind[_quota(rng, kind == "", round(share[name] * count))] = name.removesuffix("_note")
    in_memo = rng.random(count) < 0.4
    in_memo[kind == "vip"] = True
    texts: dict[str, pl.Expr] = {}
    for column, where in (("messages", ~in_memo), ("memos", in_memo)):
        expr = pl.lit("")
        for name, sentences in vocabulary[column].items():
            chosen = pl.Series(where & (kind == name))
            expr = pl.when(pl.lit(chosen)).then(pl.lit(pick(rng, sentences, count))).otherwise(expr)
        texts[column] = expr
    urgency = np.where(np.isin(kind, URGENT), kind, "")
    return frame.with_columns(
        message=texts["messages"],
        memo=texts["memos"],
        urgency=pl.Series(urgency.tolist()),
        note=pl.Series(kind.tolist()),
    )


def _mask_flags(rng: Random, frame: pl.DataFrame, shares: Shares) -> pl.DataFrame:
    """Which receivers the platform hides; an address planted to be unclear stays readable."""
    readable = frame["problem"].is_in(["region_missing", "detail_unclear", "outside_mainland"]).to_numpy()
    masked = _quota(rng, ~readable, round(shares.masked * frame.height))
    return frame.with_columns(masked=pl.Series(masked))


def _expect(frame: pl.DataFrame) -> pl.DataFrame:
    """What the starter policy should say: ``expect_verdict``, ``expect_reasons``, ``expect_tier``."""
    waiting = pl.col("state") == "waiting"
    joined = {name: ";".join(reasons) for name, reasons in REASONS.items()}
    reasons = pl.col("problem").replace_strict(joined, default="", return_dtype=pl.String)
    stopped = reasons.str.contains_any([*EXCEPTIONS, *HOLDS])
    verdict = (
        pl.when(~waiting)
        .then(pl.lit("none"))
        .when(stopped)
        .then(pl.lit("exception"))
        .when(reasons != "")
        .then(pl.lit("review"))
        .otherwise(pl.lit("release"))
    )
    tier = (
        pl.when(~waiting)
        .then(pl.lit(""))
        .when(pl.col("urgency") != "")
        .then(pl.lit("urgent"))
        .when(reasons.str.contains_any(list(EXCEPTIONS)))
        .then(pl.lit("exception"))
        .otherwise(pl.lit("regular"))
    )
    return frame.with_columns(
        expect_verdict=verdict, expect_reasons=pl.when(waiting).then(reasons).otherwise(pl.lit("")), expect_tier=tier
    )
