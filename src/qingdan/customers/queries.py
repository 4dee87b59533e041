"""Reads of customer lists: what they say of orders, and who stands on them."""

import datetime as dt
import hashlib
from collections.abc import Iterable
from typing import Final
from zoneinfo import ZoneInfo

import polars as pl
from django.conf import settings
from django.db import connection
from django.db.models import Q, QuerySet
from psycopg import sql

from qingdan.core.features import WINDOW
from qingdan.customers.models import Change, Entry, Kind
from qingdan.customers.reading import digits, phone_of
from qingdan.orders.copying import copy_out

FACT_OF: Final = {Kind.VIP: "vip", Kind.KEY_ACCOUNT: "key_account", Kind.BLACKLIST: "blacklisted"}
"""The order field that each list tells; the returns list adds to ``returns_30d``."""
PAGE_SIZE: Final = 50
_ENTRY: Final[dict[str, pl.DataType]] = {
    "id": pl.Int64(),
    "kind": pl.String(),
    "channel": pl.String(),
    "buyer": pl.String(),
    "phone_key": pl.String(),
    "order_no": pl.String(),
    "happened_on": pl.Int64(),
}
_PLACE: Final = "__place"


def phone_key(phone: str) -> str:
    """Keyed hash of a phone number's digits; without the server's key nobody finds the number from it."""
    key = hashlib.blake2b(settings.SECRET_KEY.encode(), person=b"customers-phone", digest_size=32).digest()
    return hashlib.blake2b(phone.encode(), key=key, digest_size=16).hexdigest()


def with_facts(orders: pl.DataFrame, merchant: int, as_of: dt.datetime) -> pl.DataFrame:
    """Return ``orders`` (``ORDER_SCHEMA``) with what the merchant's lists say of them at ``as_of``.

    ``returns_30d`` is increased by the listed returns of the 30 days before, but for those of orders that we know to
    be refunded and for the order's own.
    """
    day = as_of.astimezone(ZoneInfo(settings.SHOP_ZONE)).date()
    entries = _entries(
        merchant, sql.SQL("e.removed_by_id IS NULL AND (e.expires_on IS NULL OR e.expires_on >= %s)"), [day]
    )
    facts = [pl.lit(value=False).alias(name) for name in FACT_OF.values()]
    if entries.is_empty():
        return orders.with_columns(facts)
    found = _matches(orders, entries)
    for kind, name in FACT_OF.items():
        places = found.filter(pl.col("kind") == kind.value)[_PLACE].unique()
        orders = orders.with_columns(pl.int_range(pl.len(), dtype=pl.UInt32).is_in(places.implode()).alias(name))
    first = (day - WINDOW).toordinal()
    recent = (
        found.filter(
            (pl.col("kind") == Kind.RETURNS.value) & pl.col("happened_on").is_between(first + 1, day.toordinal())
        )
        .filter(pl.col("listed_order") != pl.col("order_no"))
        .group_by(_PLACE)
        .agg(n=pl.col("id").n_unique().cast(pl.Int64))
    )
    everywhere = orders.select(pl.int_range(pl.len(), dtype=pl.UInt32).alias(_PLACE))
    more = everywhere.join(recent, on=_PLACE, how="left", maintain_order="left")["n"].fill_null(0)
    return orders.with_columns(returns_30d=pl.col("returns_30d") + pl.lit(more))


def touched(orders: pl.DataFrame, change: Change) -> pl.DataFrame:
    """Return those of ``orders`` that a line stands for which the change added or removed."""
    entries = _entries(
        change.merchant_id, sql.SQL("(e.added_by_id = %s OR e.removed_by_id = %s)"), [change.pk, change.pk], all_=True
    )
    if entries.is_empty():
        return orders.clear()
    return orders[_matches(orders, entries)[_PLACE].unique().sort()]


def _entries(merchant: int, where: sql.Composable, params: Iterable[object], *, all_: bool = False) -> pl.DataFrame:
    """Fetch lines; a return that names only an order is its buyer's, and one that we know of is left out."""
    columns = {
        "id": (sql.SQL("e.id"), _ENTRY["id"]),
        "kind": (sql.SQL("e.kind"), _ENTRY["kind"]),
        "channel": (
            sql.SQL("CASE WHEN e.buyer = '' THEN coalesce(o.channel, e.channel) ELSE e.channel END"),
            pl.String(),
        ),
        "buyer": (sql.SQL("coalesce(nullif(e.buyer, ''), o.buyer_token, '')"), pl.String()),
        "phone_key": (sql.SQL("e.phone_key"), pl.String()),
        "order_no": (sql.SQL("e.order_no"), pl.String()),
        "happened_on": (sql.SQL("e.happened_on - date '0001-01-01' + 1"), pl.Int64()),
    }
    known = sql.SQL("true") if all_ else sql.SQL("(e.kind <> 'returns' OR o.refund_state IS DISTINCT FROM 'success')")
    rest = sql.SQL(
        "FROM customers_entry AS e LEFT JOIN orders_order AS o ON e.kind = 'returns' AND e.order_no <> '' "
        "AND o.merchant_id = e.merchant_id AND o.order_no = e.order_no AND e.channel IN ('', o.channel) "
        "WHERE e.merchant_id = %s AND {} AND {}"
    ).format(where, known)
    with connection.cursor() as cursor:
        return copy_out(cursor, columns, rest, [merchant, *params])


def _matches(orders: pl.DataFrame, entries: pl.DataFrame) -> pl.DataFrame:
    """Return pairs of an order's place and an entry that stands for it."""
    mine = orders.select(
        "channel", "order_no", "buyer_token", "receiver_phone", pl.int_range(pl.len(), dtype=pl.UInt32).alias(_PLACE)
    ).with_columns(pl.col("channel").cast(pl.String))
    named = entries.rename({"order_no": "listed_order", "channel": "listed_channel"})
    by_phone = pl.DataFrame(schema={"phone_key": pl.String(), "receiver_phone": pl.String()})
    if (entries["phone_key"] != "").any():
        by_phone = _keyed(mine["receiver_phone"])
    pairs = [
        mine.join(named.filter(pl.col("buyer") != ""), left_on="buyer_token", right_on="buyer"),
        mine.join(by_phone, on="receiver_phone").join(named.filter(pl.col("phone_key") != ""), on="phone_key"),
        # a return is its buyer's, wherever else it is told of
        mine.join(
            named.filter((pl.col("listed_order") != "") & (pl.col("kind") != Kind.RETURNS.value)),
            left_on="order_no",
            right_on="listed_order",
        ).with_columns(listed_order=pl.lit("")),
    ]
    wanted = (_PLACE, "id", "kind", "happened_on", "listed_order", "order_no", "channel", "listed_channel")
    both = pl.concat(
        [pair.select(wanted) for pair in pairs[:1]]
        + [pairs[1].with_columns(listed_channel=pl.lit("")).select(wanted)]
        + [pairs[2].select(wanted)]
    )
    return both.filter((pl.col("listed_channel") == "") | (pl.col("listed_channel") == pl.col("channel")))


def _keyed(phones: pl.Series) -> pl.DataFrame:
    """Return each distinct full phone number with its key."""
    distinct = phones.drop_nulls().unique().alias("receiver_phone").to_frame()
    full = distinct.with_columns(digits=digits(pl.col("receiver_phone"))).drop_nulls()
    keys = [phone_key(text) for text in full["digits"]]
    return full.select("receiver_phone").with_columns(phone_key=pl.Series(keys, dtype=pl.String))


def entries(merchant: int, kind: Kind, query: str) -> QuerySet[Entry]:
    """Return the lines that stand on a list now, the newest first; ``query`` is any whole identifier or a piece."""
    found = Entry.objects.filter(merchant_id=merchant, kind=kind, removed_by=None).select_related("added_by")
    text = query.strip()
    if text:
        wanted = Q(buyer__icontains=text) | Q(order_no__icontains=text) | Q(note__icontains=text)
        phone, _ = phone_of(text)
        if phone:
            wanted |= Q(phone_key=phone_key(phone))
        found = found.filter(wanted)
    return found.order_by("-id")


def changes(merchant: int) -> QuerySet[Change]:
    """Return the changes of a merchant's lists, the newest first."""
    return Change.objects.filter(merchant_id=merchant).order_by("-id")
