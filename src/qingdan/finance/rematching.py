"""Orders matched with the bills' entries, only those that a bill or an import touched; what follows is reviewed anew.

An order's result depends on the entries that name it, on those of the same payments, and on the other orders that all
of these name: with them at hand a part of the orders is matched exactly as the whole would be.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final

import polars as pl
from django.conf import settings
from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone
from psycopg import sql

from qingdan.core.columns import ORDER_SCHEMA, TIME
from qingdan.core.fields import FIELDS
from qingdan.finance import coverage, queries
from qingdan.finance.bills import ENTRY_SCHEMA
from qingdan.finance.matching import match
from qingdan.finance.messages import REVIEWED
from qingdan.finance.models import MatchRun, Payment
from qingdan.intake.decide import holds_of, review
from qingdan.orders import actions as orders
from qingdan.orders import queries as stored
from qingdan.orders.actors import Actor
from qingdan.orders.alone import alone
from qingdan.orders.copying import copy_in, copy_out
from qingdan.policies.actions import ensure_live
from qingdan.policies.queries import compiled

CHUNK: Final = 50_000
REVIEWED_AT_ONCE: Final = 5_000
_LOCK: Final = 0x71D7
_KEY: Final = ("channel", "order_no")
_ORDER: Final[dict[str, pl.DataType]] = {
    "id": pl.Int64(),
    **{
        name: ORDER_SCHEMA[name]
        for name in ("channel", "order_no", "paid_amount", "payment_no", "pay_status", "pay_method")
    },
    "created_at": TIME,
    "paid_at": TIME,
}
_ENTRY: Final[dict[str, pl.DataType]] = {"id": pl.Int64(), "order_id": pl.Int64(), **ENTRY_SCHEMA}
_ALSO: Final[dict[str, pl.DataType]] = {
    "id": pl.Int64(),
    "version": pl.Int64(),
    "shop_id": pl.Int64(),
    "reviewed_at": TIME,
    "last_import": pl.Int64(),
}
_FOUND: Final = ("order_id", "state", "due", "paid", "refunded", "fee", "difference", "payments")

# what the new entries of a bill name, themselves and by their payments
_OF_ENTRIES: Final = """
WITH fresh AS MATERIALIZED ({fresh}),
     trade AS MATERIALIZED (SELECT DISTINCT trade_no FROM fresh WHERE trade_no IS NOT NULL),
     seen AS MATERIALIZED (
        SELECT order_no, merchant_order_no, trade_no FROM fresh
         UNION SELECT e.order_no, e.merchant_order_no, e.trade_no FROM trade AS t
          JOIN finance_billentry AS e ON e.merchant_id = %(merchant)s AND e.trade_no = t.trade_no),
     number AS MATERIALIZED (SELECT order_no FROM seen UNION SELECT merchant_order_no FROM seen),
     channel AS MATERIALIZED (SELECT DISTINCT channel FROM orders_shop WHERE merchant_id = %(merchant)s)
INSERT INTO finance_matchdue (run_id, order_id)
SELECT %(run)s, o.id FROM channel AS c CROSS JOIN number AS n
  JOIN orders_order AS o ON o.merchant_id = %(merchant)s AND o.channel = c.channel AND o.order_no = n.order_no
 UNION SELECT %(run)s, o.id FROM trade AS t
  JOIN orders_order AS o ON o.merchant_id = %(merchant)s AND o.payment_no = t.trade_no
{also}
ON CONFLICT DO NOTHING
"""
_NAMED: Final = "SELECT order_no, merchant_order_no, trade_no FROM finance_billentry WHERE bill_id = %(bill)s"
# orders of the time that a bill is of, for which it may be what tells that nothing was paid
_OF_PERIOD: Final = """
UNION SELECT %(run)s, o.id FROM finance_billperiod AS p
 JOIN orders_order AS o ON o.merchant_id = p.merchant_id AND o.created_at > p.begin - %(longest)s
  AND o.created_at < p.end
  AND coalesce(o.paid_at, o.created_at) >= p.begin - %(grace)s AND coalesce(o.paid_at, o.created_at) < p.end
  AND (o.pay_method IS NULL OR o.pay_method = p.family OR o.channel = p.family)
WHERE p.bill_id = %(bill)s
"""
_WRITTEN: Final = "SELECT DISTINCT order_id AS id FROM orders_orderevent WHERE import_id = %(import)s"
# entries that may belong to an import's orders, by their numbers as they are now and as they were
_OF_IMPORT: Final = """
SELECT e.order_no, e.merchant_order_no, e.trade_no FROM mine AS o
  JOIN finance_billentry AS e ON e.merchant_id = %(merchant)s AND e.order_no = o.order_no
 UNION SELECT e.order_no, e.merchant_order_no, e.trade_no FROM mine AS o
  JOIN finance_billentry AS e ON e.merchant_id = %(merchant)s AND e.merchant_order_no = o.order_no
 UNION SELECT e.order_no, e.merchant_order_no, e.trade_no FROM mine AS o
  JOIN finance_billentry AS e ON e.merchant_id = %(merchant)s AND e.trade_no = o.payment_no
 UNION SELECT e.order_no, e.merchant_order_no, e.trade_no FROM mine AS o
  JOIN finance_billentry AS e ON e.order_id = o.id
"""


def run(merchant: int) -> bool:
    """Do all open runs of a merchant, unless another process does; running again goes on with what is left."""
    with alone(_LOCK, merchant) as mine:
        if not mine:
            return False
        while (
            open_run := MatchRun.objects.filter(merchant_id=merchant, finished_at=None).order_by("id").first()
        ) is not None:
            _run(open_run)
    return True


def _run(one: MatchRun) -> None:
    if not one.prepared:
        with transaction.atomic(durable=True):
            _prepare(one)
            MatchRun.objects.filter(pk=one.pk).update(prepared=True)
    while ids := _some(one):
        with transaction.atomic(durable=True):
            changed = _match(one.merchant_id, ids)
        reviewed = tell(one.merchant_id, ids)
        with transaction.atomic(durable=True), connection.cursor() as cursor:
            cursor.execute("DELETE FROM finance_matchdue WHERE run_id = %s AND order_id = ANY(%s)", [one.pk, ids])
            MatchRun.objects.filter(pk=one.pk).update(
                orders=F("orders") + len(ids), changed=F("changed") + changed, reviewed=F("reviewed") + reviewed
            )
    MatchRun.objects.filter(pk=one.pk).update(finished_at=Now())


def _prepare(one: MatchRun) -> None:
    params: dict[str, Any] = {
        "run": one.pk,
        "merchant": one.merchant_id,
        "bill": one.bill_id,
        "import": one.import_id,
        "grace": coverage.GRACE,
        "longest": coverage.LONGEST,
    }
    with connection.cursor() as cursor:
        if one.bill_id is not None:
            cursor.execute(_OF_ENTRIES.format(fresh=_NAMED, also=_OF_PERIOD), params)
            return
        cursor.execute(
            f"CREATE TEMP TABLE mine ON COMMIT DROP AS SELECT o.id, o.order_no, o.payment_no "  # noqa: S608
            f"FROM ({_WRITTEN}) AS w JOIN orders_order AS o ON o.id = w.id",
            params,
        )
        cursor.execute("ANALYZE mine")
        own = "UNION SELECT %(run)s, id FROM mine"
        cursor.execute(_OF_ENTRIES.format(fresh=_OF_IMPORT, also=own), params)


def _some(one: MatchRun) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT order_id FROM finance_matchdue WHERE run_id = %s ORDER BY order_id LIMIT %s", [one.pk, CHUNK]
        )
        return [row[0] for row in cursor.fetchall()]


def _match(merchant: int, ids: Sequence[int]) -> int:
    """Match some orders and keep what was found; return how many payments changed."""
    mine = _orders(merchant, sql.SQL("o.id = ANY(%s)"), [list(ids)])
    entries = _entries_of(merchant, mine)
    known = _named(merchant, mine, entries)
    found, assigned = match(known, entries.drop("order_id"))
    rows = found.join(known.select(*_KEY, "id", "created_at", "paid_at", "pay_method"), on=_KEY).filter(
        pl.col("id").is_in(mine["id"].implode())
    )
    told = (pl.col("payments") > 0) | (pl.col("refunded") != 0)
    # what the platform itself paid out for an order was paid, whatever wallet's bill does not know of it
    settled = assigned.filter((pl.col("kind") == "transfer") & (pl.col("amount") > 0)).select("channel", order_no="of")
    lacking = ~pl.struct(_KEY).is_in(settled.select(pl.struct(_KEY)).to_series().implode())
    missing = (pl.col("state") == "missing") & lacking & coverage.covered(rows, queries.periods(merchant))
    kept = rows.filter(told | missing).rename({"id": "order_id"}).select(_FOUND)
    with connection.cursor() as cursor:
        _assign(cursor, entries, assigned, known)
        return _keep(cursor, merchant, ids, kept)


def _orders(merchant: int, where: sql.Composable, params: Sequence[object]) -> pl.DataFrame:
    columns = {name: (sql.Identifier("o", name), dtype) for name, dtype in _ORDER.items()}
    rest = sql.SQL("FROM orders_order AS o WHERE o.merchant_id = %s AND ") + where
    with connection.cursor() as cursor:
        return copy_out(cursor, columns, rest, [merchant, *params])


def _entries_of(merchant: int, some: pl.DataFrame) -> pl.DataFrame:
    """Fetch the entries that name the orders, and those of the same payments."""
    numbers = some["order_no"].unique().to_list()
    payments = some["payment_no"].drop_nulls().unique().to_list()
    first = _entries(
        merchant,
        sql.SQL(
            "(e.order_no = ANY(%s) OR e.merchant_order_no = ANY(%s) OR e.trade_no = ANY(%s) OR e.order_id = ANY(%s))"
        ),
        [numbers, numbers, payments, some["id"].to_list()],
    )
    trades = first["trade_no"].drop_nulls().unique().to_list()
    more = _entries(merchant, sql.SQL("e.trade_no = ANY(%s)"), [trades])
    return pl.concat([first, more]).unique("id").sort("id")


def _entries(merchant: int, where: sql.Composable, params: Sequence[object]) -> pl.DataFrame:
    columns = {name: (sql.Identifier("e", name), dtype) for name, dtype in _ENTRY.items()}
    rest = sql.SQL("FROM finance_billentry AS e WHERE e.merchant_id = %s AND ") + where
    with connection.cursor() as cursor:
        return copy_out(cursor, columns, rest, [merchant, *params])


def _named(merchant: int, mine: pl.DataFrame, entries: pl.DataFrame) -> pl.DataFrame:
    """Return the orders and all others that the entries name."""
    numbers = pl.concat([entries["order_no"], entries["merchant_order_no"]]).drop_nulls().unique()
    others = _orders(
        merchant,
        sql.SQL(
            "((o.channel = ANY(ARRAY(SELECT DISTINCT channel FROM orders_shop WHERE merchant_id = %s)) "
            "AND o.order_no = ANY(%s)) OR o.payment_no = ANY(%s))"
        ),
        [merchant, numbers.to_list(), entries["trade_no"].drop_nulls().unique().to_list()],
    )
    return pl.concat([mine, others]).unique("id").sort("id")


def _assign(cursor: Any, entries: pl.DataFrame, assigned: pl.DataFrame, known: pl.DataFrame) -> None:
    """Write to each entry the order that it belongs to."""
    to = assigned.join(
        known.select("channel", "order_no", to="id"), left_on=("channel", "of"), right_on=_KEY, how="left"
    ).select("id", "to")
    moved = entries.select("id", "order_id").join(to, on="id").filter(pl.col("order_id").ne_missing(pl.col("to")))
    if moved.is_empty():
        return
    cursor.execute(
        "UPDATE finance_billentry AS e SET order_id = m.to_id FROM unnest(%s::bigint[], %s::bigint[]) AS m(id, to_id) "
        "WHERE e.id = m.id AND (m.to_id IS NULL OR EXISTS (SELECT FROM orders_order AS o WHERE o.id = m.to_id))",
        [moved["id"].to_list(), moved["to"].to_list()],
    )


_MONEY: Final = ("state", "due", "paid", "refunded", "difference", "payments")


def _keep(cursor: Any, merchant: int, ids: Sequence[int], found: pl.DataFrame) -> int:
    """Write the payments of some orders; one that finance settled is open again when its money changed."""
    cursor.execute(
        "CREATE TEMP TABLE found ON COMMIT DROP AS "
        "SELECT order_id, state, due, paid, refunded, fee, difference, payments FROM finance_payment WITH NO DATA"
    )
    copy_in(cursor, "found", found.with_columns(pl.col("state").cast(pl.String)))
    cursor.execute("ANALYZE found")
    moved = "({}) IS DISTINCT FROM ({})".format(
        ", ".join(f"p.{name}" for name in _MONEY), ", ".join(f"f.{name}" for name in _MONEY)
    )
    cursor.execute(
        "INSERT INTO finance_paymentevent (order_id, merchant_id, kind, state, difference) "  # noqa: S608
        "SELECT p.order_id, p.merchant_id, 'reopened', coalesce(f.state, p.state), coalesce(f.difference, 0) "
        "FROM finance_payment AS p LEFT JOIN found AS f ON f.order_id = p.order_id "
        f"WHERE p.order_id = ANY(%s) AND p.settled_at IS NOT NULL AND {moved}",
        [list(ids)],
    )
    cursor.execute(
        "DELETE FROM finance_payment AS p WHERE order_id = ANY(%s) "
        "AND NOT EXISTS (SELECT FROM found AS f WHERE f.order_id = p.order_id)",
        [list(ids)],
    )
    changed = int(cursor.rowcount)
    kept = ", ".join(
        f"{name} = CASE WHEN {moved} THEN {empty} ELSE p.{name} END"
        for name, empty in (("settled_by", "NULL"), ("settled_name", "NULL"), ("settled_at", "NULL"), ("note", "''"))
    )
    cursor.execute(
        "UPDATE finance_payment AS p SET state = f.state, due = f.due, paid = f.paid, refunded = f.refunded, "  # noqa: S608
        f"fee = f.fee, difference = f.difference, payments = f.payments, matched_at = now(), {kept} "
        f"FROM found AS f WHERE p.order_id = f.order_id AND ({moved} OR p.fee <> f.fee)",
    )
    changed += int(cursor.rowcount)
    cursor.execute(
        "INSERT INTO finance_payment (order_id, merchant_id, state, due, paid, refunded, fee, difference, payments) "
        "SELECT f.order_id, %s, f.state, f.due, f.paid, f.refunded, f.fee, f.difference, f.payments FROM found AS f "
        "JOIN orders_order AS o ON o.id = f.order_id ORDER BY f.order_id ON CONFLICT (order_id) DO NOTHING",
        [merchant],
    )
    changed += int(cursor.rowcount)
    cursor.execute("DROP TABLE found")
    return changed


def tell(merchant: int, ids: Sequence[int]) -> int:
    """Review those of some orders that wait and of which something else was found; return how many changed."""
    where = sql.SQL("o.id = ANY(%s)")
    return sum(_review(merchant, where, [list(part)]) for part in _parts(ids))


def agree() -> None:
    """Review every waiting order that does not say what its payment was found to be."""
    for merchant in Payment.objects.order_by().values_list("merchant_id", flat=True).distinct():
        _review(merchant, sql.SQL("true"), [])


def _parts(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(ids), REVIEWED_AT_ONCE):
        yield ids[start : start + REVIEWED_AT_ONCE]


_DIFFERS: Final = sql.SQL(
    " AND o.stage IN ('in_review', 'exception', 'held') AND NOT o.hand_decided AND o.payment_match IS DISTINCT FROM "
    "coalesce((SELECT CASE WHEN p.settled_at IS NULL THEN p.state ELSE 'settled' END FROM finance_payment AS p "
    "WHERE p.order_id = o.id), 'none') ORDER BY o.id"
)


def _review(merchant: int, where: sql.Composable, params: Sequence[object]) -> int:
    waiting = stored.frame(merchant, where + _DIFFERS, params, also=_ALSO)
    if waiting.is_empty():
        return 0
    version = ensure_live(merchant)
    policy = compiled(version.source)
    now = timezone.now()
    fresh = queries.with_match(waiting, merchant)
    changed = 0
    for (state,), some in fresh.group_by("payment_match", maintain_order=True):
        for part in some.iter_slices(REVIEWED_AT_ONCE):
            reviewed = review(part.select(list(ORDER_SCHEMA)), policy, as_of=now, zone=settings.SHOP_ZONE)
            changed += orders.rereview(
                reviewed.hstack(part.select(list(_ALSO))),
                merchant=merchant,
                policy_hash=version.hash,
                holds=holds_of(policy),
                actor=Actor("policy", version.hash, ""),
                reason=REVIEWED.text("zh", {"state": _label(str(state))}),
            )
    return changed


def _label(state: str) -> str:
    return next(value.zh for value in FIELDS["payment_match"].values if value.id == state)
