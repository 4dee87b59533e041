"""Features: columns computed at intake from an order, its lines, its batch, and what the store knows.

Pure: frames in, frames out; the moment, the remote regions and the store's facts are arguments.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import polars as pl

from qingdan.core import address, region
from qingdan.core.columns import ORDER_SCHEMA, TIME
from qingdan.core.text import normalise_series

WINDOW: Final = timedelta(days=30)
TITLE_LENGTH: Final = 200

_IDENTITY: Final = {"channel": ORDER_SCHEMA["channel"], "order_no": pl.String()}
RETURNS_SCHEMA: Final = {**_IDENTITY, "buyer_token": pl.String(), "receiver_key": pl.String(), "created_at": TIME}
RECEIVERS_SCHEMA: Final = {
    **_IDENTITY,
    "shop": pl.String(),
    "receiver_key": pl.String(),
    "receiver_phone": pl.String(),
    "buyer_token": pl.String(),
    "paid_amount": pl.Int64(),
    "created_at": TIME,
}
USUAL_SCHEMA: Final = {"channel": ORDER_SCHEMA["channel"], "shop": pl.String(), "usual_amount": pl.Int64()}


@dataclass(frozen=True, slots=True)
class Known:
    """Facts of the store that features look at beside the batch.

    ``returns``: refunded orders of the last 30 days (``RETURNS_SCHEMA``). ``receivers``: orders waiting to ship
    (``RECEIVERS_SCHEMA``). ``usual``: median paid amount of each shop, fen (``USUAL_SCHEMA``). Orders that are in the
    batch too may stand in them: the batch wins.
    """

    returns: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=RETURNS_SCHEMA))
    receivers: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=RECEIVERS_SCHEMA))
    usual: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=USUAL_SCHEMA))


NOTHING_KNOWN: Final = Known()
_SHOP: Final = ("channel", "shop")
SIGNS: Final = ("phone", "buyer", "minute", "amount")
"""What else orders may have in common; each is counted as ``same_<sign>_count``."""
_SEED: Final = 20_251_111


def with_features(
    orders: pl.DataFrame, *, as_of: datetime, remote: tuple[str, ...], known: Known = NOTHING_KNOWN
) -> pl.DataFrame:
    """Add every feature column but those of the goods (``with_goods``) to the orders of a whole batch.

    ``orders`` has the platform columns of ``ORDER_SCHEMA``; ``remote`` are paths as ``region.remote_region`` takes.
    A batch in parts adds ``with_own_features`` to each, gathers their ``facts_of``, and then adds ``with_batch``.
    """
    orders = with_own_features(orders, remote=remote)
    return with_batch(orders, gathered([facts_of(orders, as_of=as_of, known=known)], known), as_of=as_of)


def with_own_features(orders: pl.DataFrame, *, remote: tuple[str, ...]) -> pl.DataFrame:
    """Add the features that an order has of itself."""
    return orders.with_columns(
        pl.when(pl.col("country").is_not_null()).then(pl.col("country") == "CN").alias("mainland"),
        region.remote_region(remote).alias("remote_region"),
        address.phone_plausible(pl.col("receiver_phone")).alias("phone_plausible"),
        *address.quality_columns(),
        receiver_key(orders),
    )


@dataclass(frozen=True, slots=True)
class Facts:
    """What orders tell of each other, a few columns a row.

    ``waiting``: ``receiver_key`` and ``SIGNS`` (as hashes of this run) of orders waiting to ship; ``refunded``:
    ``channel``, ``buyer_token`` and ``receiver_key`` of refunded orders of the last 30 days; ``paid``: channel, shop
    and amount. The store's facts that the batch does not have are in the first two.
    """

    waiting: pl.DataFrame
    refunded: pl.DataFrame
    paid: pl.DataFrame


@dataclass(frozen=True, slots=True)
class Across:
    """``Facts`` of a whole batch, added up: how often each receiver, sign and buyer, and each shop's usual amount."""

    receivers: pl.DataFrame
    signs: dict[str, pl.DataFrame]
    buyers: pl.DataFrame
    refunds: pl.DataFrame
    usual: pl.DataFrame


def facts_of(orders: pl.DataFrame, *, as_of: datetime, known: Known) -> Facts:
    """Narrow frames of one part of a batch, with ``with_own_features``.

    ``known`` has at least the store's facts about the part's orders, which give way to the part's own, and each fact
    goes with one part only.
    """
    recent = pl.col("created_at").is_between(as_of - WINDOW, as_of)
    told = [pl.col("receiver_key"), *_signs()]
    waiting = orders.filter(pl.col("platform_state") == "waiting").select(told)
    columns = ("channel", "buyer_token", "receiver_key")
    refunded = orders.filter(recent & (pl.col("refund_state") == "success")).select(columns)
    if known.receivers.height:
        waiting = pl.concat([waiting, _others(known.receivers, orders).select(told)])
    if known.returns.height:
        refunded = pl.concat([refunded, _others(known.returns, orders).filter(recent).select(columns)])
    return Facts(waiting, refunded, orders.select("channel", "shop", "paid_amount"))


def gathered(facts: Sequence[Facts], known: Known) -> Across:
    """Add up the facts of every part; the shop's usual amount is the store's where it has one."""
    waiting = pl.concat([one.waiting for one in facts])
    refunded = pl.concat([one.refunded for one in facts])
    paid = pl.concat([one.paid for one in facts])
    count = pl.len().cast(pl.Int64).alias("n")
    usual = paid.group_by(_SHOP).agg(pl.col("paid_amount").median().round().cast(pl.Int64).alias("usual"))
    if known.usual.height:
        usual = usual.join(known.usual, on=_SHOP, how="left").with_columns(usual=pl.coalesce("usual_amount", "usual"))
    return Across(
        receivers=_more_than_one(waiting, "receiver_key"),
        signs={sign: _more_than_one(waiting, sign) for sign in SIGNS},
        buyers=refunded.drop_nulls("buyer_token").group_by("channel", "buyer_token").agg(count),
        refunds=refunded.drop_nulls("receiver_key").group_by("receiver_key").agg(count),
        usual=usual.select(*_SHOP, "usual"),
    )


def with_batch(orders: pl.DataFrame, across: Across, *, as_of: datetime) -> pl.DataFrame:
    """Add the features that look at the rest of the batch and at the store.

    ``same_receiver_count``: orders waiting to ship to the receiver, at least 1; ``same_phone_count``,
    ``same_buyer_count``, ``same_minute_count`` and ``same_amount_count``: likewise by phone, by the buyer on this
    channel, by the shop and the minute, by the shop, the amount and the hour. ``returns_30d``: other refunded orders of
    the buyer on this channel, created in the 30 days before ``as_of``; ``receiver_refunds_30d``: of the receiver,
    whoever bought. ``amount_vs_usual``: paid amount in percent of the shop's median.
    """
    same = _looked_up(orders, across.receivers, ["receiver_key"])["n"].fill_null(1)
    own = orders.select(_signs())
    counts = [
        _looked_up(own, across.signs[sign], [sign])["n"].fill_null(1).alias(f"same_{sign}_count") for sign in SIGNS
    ]
    refunds = _looked_up(orders, across.refunds, ["receiver_key"])["n"].fill_null(0)
    returns = _looked_up(orders, across.buyers, ["channel", "buyer_token"])["n"].fill_null(0)
    median = _looked_up(orders, across.usual, _SHOP)["usual"]
    recent = pl.col("created_at").is_between(as_of - WINDOW, as_of)
    refunded_here = recent & (pl.col("refund_state") == "success") & pl.col("receiver_key").is_not_null()
    return orders.with_columns(
        *counts,
        receiver_refunds_30d=pl.lit(refunds) - refunded_here.fill_null(value=False).cast(pl.Int64),
        same_receiver_count=same,
        returns_30d=pl.lit(returns) - (recent & _refunded()).fill_null(value=False).cast(pl.Int64),
        amount_vs_usual=pl.when(pl.lit(median) > 0).then(pl.col("paid_amount") * 100 // pl.lit(median)),
    )


def _signs() -> list[pl.Expr]:
    """Return what orders may have in common beside the receiver, each as a number of this run; null when not known.

    A phone that the platform masked, or that stands for all buyers, is nobody's.
    """
    phone = pl.col("receiver_phone").str.strip_prefix("86-")
    own = phone.is_not_null() & ~phone.str.contains("*", literal=True)
    buyer = pl.struct(pl.col("channel").cast(pl.String), "buyer_token")
    shop = (pl.col("channel").cast(pl.String), pl.col("shop"))
    minute = pl.struct(*shop, pl.col("created_at").dt.truncate("1m").alias("at"))
    amount = pl.struct(*shop, "paid_amount", pl.col("created_at").dt.truncate("1h").alias("at"))
    timed, paid = pl.col("created_at").is_not_null(), pl.col("paid_amount") > 0
    told = {
        "phone": (own, phone),
        "buyer": (pl.col("buyer_token").is_not_null(), buyer),
        "minute": (timed, minute),
        "amount": (timed & paid, amount),
    }
    return [pl.when(known).then(key.hash(_SEED)).alias(sign) for sign, (known, key) in told.items()]


def _more_than_one(waiting: pl.DataFrame, key: str) -> pl.DataFrame:
    """Count the keys that several orders have; the others need no row."""
    counted = waiting.select(key).drop_nulls().group_by(key).agg(pl.len().cast(pl.Int64).alias("n"))
    return counted.filter(pl.col("n") > 1)


def _refunded() -> pl.Expr:
    return (pl.col("refund_state") == "success") & pl.col("buyer_token").is_not_null()


def receiver_key(orders: pl.DataFrame) -> pl.Series:
    """Stable key of the receiver: equal for orders to the same phone and address, whatever the spelling of spaces.

    A masked receiver is told by name, phone and address as masked. Null when there is no phone and no address.
    """
    masked = pl.when("receiver_masked").then("receiver_name")
    phone = pl.col("receiver_phone").str.strip_prefix("86-")
    place = [pl.col(c).cast(pl.String) for c in ("province", "city", "district", "address")]
    told = pl.col("receiver_phone").is_not_null() | pl.col("address").is_not_null()
    whole = pl.concat_str([masked.fill_null(""), phone.fill_null(""), *place], separator="|", ignore_nulls=True)
    texts = normalise_series(orders.select(pl.when(told).then(whole)).to_series()).cast(pl.Binary)
    # Polars' own hash may change with its version; the key is stored, so it must not.
    blake = hashlib.blake2b
    keys = [None if text is None else blake(text, digest_size=12).digest() for text in texts.to_list()]
    return pl.Series("receiver_key", keys, dtype=pl.Binary).bin.encode("hex")


def _others(known: pl.DataFrame, orders: pl.DataFrame) -> pl.DataFrame:
    return known.join(orders.select("channel", "order_no"), on=["channel", "order_no"], how="anti")


def with_goods(orders: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    """Add ``item_count``, ``kind_count`` and ``goods_title`` from the lines.

    An order without lines keeps what the platform told of the whole: ``item_total``, ``kind_total``, ``goods_title``.
    Gifts are no goods. Titles are distinct, joined by ``；`` and cut to 200 characters.
    """
    told = orders.with_columns(item_count="item_total", kind_count="kind_total")
    goods = lines.filter(~pl.col("gift"))
    if goods.is_empty():
        return told.with_columns(goods_title=pl.col("goods_title").fill_null("").str.slice(0, TITLE_LENGTH))
    keys = ["channel", "order_no"]
    found = _looked_up(orders, _goods(goods, keys), keys).drop(keys)
    return (
        told.with_columns(found)
        .with_columns(
            item_count=pl.coalesce("items", "item_count"),
            kind_count=pl.coalesce("kinds", "kind_count"),
            goods_title=pl.coalesce("titles", "goods_title").fill_null("").str.slice(0, TITLE_LENGTH),
        )
        .drop("items", "kinds", "titles")
    )


def _looked_up(orders: pl.DataFrame, table: pl.DataFrame, keys: Sequence[str]) -> pl.DataFrame:
    """Rows of ``table`` for each order, in the orders' order; a narrow join does not copy the orders."""
    return orders.select(*keys).join(table, on=list(keys), how="left", maintain_order="left")


def _goods(goods: pl.DataFrame, keys: Sequence[str]) -> pl.DataFrame:
    several = goods["order_no"].is_duplicated()
    single = goods.filter(~several).select(
        *keys, items="quantity", kinds=pl.lit(1, pl.Int64), titles=pl.col("title").replace("", None)
    )
    if not several.any():
        return single
    kind = pl.concat_str([pl.coalesce("sku_code", "title"), pl.col("spec")], separator="|", ignore_nulls=True)
    grouped = (
        goods.filter(several)
        .group_by(keys)
        .agg(
            items=pl.when(pl.col("quantity").count() > 0).then(pl.col("quantity").sum()),
            kinds=kind.n_unique().cast(pl.Int64),
            titles=pl.col("title")
            .filter(pl.col("title") != "")
            .unique(maintain_order=True)
            .str.join("；")
            .replace("", None),
        )
    )
    return pl.concat([single, grouped.select(single.columns)])
