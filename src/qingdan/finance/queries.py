"""Reads of payments: what they say of orders, what finance has to look at, and the bills behind it."""

from collections.abc import Sequence
from typing import Any, Final

import polars as pl
from django.db import connection
from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet, Sum
from psycopg import sql

from qingdan.core.columns import ORDER_SCHEMA
from qingdan.finance.coverage import merged
from qingdan.finance.models import DIFFERENCES, BillEntry, BillFile, BillPeriod, Payment, PaymentEvent
from qingdan.orders.copying import copy_out

PAGE_SIZE: Final = 20
_KEY: Final = ("channel", "order_no")
_STATE: Final = sql.SQL("CASE WHEN p.settled_at IS NULL THEN p.state ELSE 'settled' END")


def any_payment(merchant: int) -> bool:
    """Whether bills say anything of the merchant's orders."""
    return Payment.objects.filter(merchant_id=merchant).exists()


def with_match(orders: pl.DataFrame, merchant: int) -> pl.DataFrame:
    """Return ``orders`` (``ORDER_SCHEMA``) with what their payments were found to be in ``payment_match``."""
    columns: dict[str, tuple[sql.Composable, pl.DataType]] = {
        "channel": (sql.SQL("o.channel"), ORDER_SCHEMA["channel"]),
        "order_no": (sql.SQL("o.order_no"), ORDER_SCHEMA["order_no"]),
        "payment_match": (_STATE, ORDER_SCHEMA["payment_match"]),
    }
    rest = sql.SQL(
        "FROM orders_order AS o JOIN finance_payment AS p ON p.order_id = o.id "
        "WHERE o.merchant_id = %s AND o.channel = %s AND o.order_no = ANY(%s)"
    )
    found = [pl.DataFrame(schema={name: dtype for name, (_, dtype) in columns.items()})]
    with connection.cursor() as cursor:
        for (channel,), group in orders.select(_KEY).group_by("channel", maintain_order=True):
            found.append(copy_out(cursor, columns, rest, [merchant, channel, group["order_no"].to_list()]))
    known = orders.select(_KEY).join(pl.concat(found), on=_KEY, how="left", maintain_order="left")["payment_match"]
    return orders.with_columns(known.fill_null("none").alias("payment_match"))


def periods(merchant: int) -> pl.DataFrame:
    """Return the times for which bills are there, those that touch put together (``coverage.PERIOD_SCHEMA``)."""
    rows = BillPeriod.objects.filter(merchant_id=merchant).order_by()
    return merged(rows.values_list("family", "begin", "end"))


def totals(merchant: int) -> list[dict[str, Any]]:
    """Return how many payments there are by state, and how many of them finance settled, with their amounts."""
    rows = Payment.objects.filter(merchant_id=merchant).order_by().values("state")
    told = rows.annotate(
        orders=Count("order"),
        settled=Count("settled_at"),
        paid=Sum("paid"),
        refunded=Sum("refunded"),
        difference=Sum("difference", filter=Q(settled_at=None), default=0),
    )
    return [dict(row) for row in told]


def not_ours(merchant: int) -> QuerySet[BillEntry]:
    """Return the payments and refunds that belong to none of the merchant's orders, the newest first."""
    found = BillEntry.objects.filter(merchant_id=merchant, order__isnull=True, kind__in=("payment", "refund"))
    return found.select_related("bill").order_by("-at", "-id")


def not_ours_totals(merchant: int) -> dict[str, Any]:
    """Return how many entries are not ours, and their sum in fen."""
    return not_ours(merchant).order_by().aggregate(entries=Count("id"), amount=Sum("amount", default=0))


def payments(merchant: int, states: Sequence[str], query: str, *, settled: bool | None) -> QuerySet[Payment]:
    """Return payments by state; ``query`` is a piece of an order, payment or bill number."""
    found = Payment.objects.filter(merchant_id=merchant, state__in=states).select_related("order__shop")
    if settled is not None:
        found = found.filter(settled_at__isnull=not settled)
    text = query.strip()
    if text:
        entries = BillEntry.objects.filter(order_id=OuterRef("order_id")).filter(
            Q(entry_no=text) | Q(trade_no=text) | Q(merchant_order_no=text)
        )
        found = found.filter(Q(order__order_no=text) | Q(order__payment_no=text) | Exists(entries))
    return found.order_by("-order_id")


def entries_of(order_ids: Sequence[int]) -> dict[int, list[BillEntry]]:
    """Return the bill entries of some orders, the earliest first."""
    found: dict[int, list[BillEntry]] = {key: [] for key in order_ids}
    for entry in BillEntry.objects.filter(order_id__in=order_ids).select_related("bill").order_by("at", "id"):
        if entry.order_id is not None:
            found[entry.order_id].append(entry)
    return found


def events_of(order_ids: Sequence[int]) -> dict[int, list[PaymentEvent]]:
    """Return what was done about the differences of some orders, the latest first."""
    found: dict[int, list[PaymentEvent]] = {key: [] for key in order_ids}
    for event in PaymentEvent.objects.filter(order_id__in=order_ids).order_by("-id"):
        found[event.order_id].append(event)
    return found


def bills(merchant: int) -> QuerySet[BillFile]:
    """Return the merchant's uploads, the newest first."""
    return BillFile.objects.filter(merchant_id=merchant).order_by("-id")


def families(merchant: int) -> list[dict[str, Any]]:
    """Return until when bills of each family are there."""
    rows = BillPeriod.objects.filter(merchant_id=merchant).order_by("family").values("family")
    return [dict(row) for row in rows.annotate(until=Max("end"))]


def open_differences(merchant: int) -> int:
    """Return how many differences wait for finance."""
    return Payment.objects.filter(merchant_id=merchant, state__in=DIFFERENCES, settled_at=None).count()
