"""Rows of the way out: destinations, routes, the outbox, parcels, and what warehouses told us.

Outbox rows are born and withdrawn by triggers on the orders (migration 0002), in the transaction that moves the
order, whoever writes it. After that only ``claims`` moves them, by conditional updates that name the attempt.
"""

import secrets
from typing import ClassVar, Final

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from qingdan.orders.models import Merchant, Order

STATES: Final = ("ready", "sending", "done", "unknown", "failed", "cancelled")
LIVE: Final = ("ready", "sending", "unknown")
OPERATIONS: Final = ("create", "cancel")
BREAKER_STATES: Final = ("closed", "open", "half_open")
MOST_AT_ONCE: Final = 64


def new_token() -> str:
    """Return the part of a destination's inbound address that nobody can guess."""
    return secrets.token_urlsafe(18)


class Destination(models.Model):
    """A warehouse interface of one merchant's. ``secret`` is sealed (see ``web.sealing``) and never shown again."""

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="destinations")
    name = models.TextField()
    adapter = models.TextField()
    settings = models.JSONField(default=dict)
    secret = models.BinaryField(null=True)
    token = models.TextField(unique=True, default=new_token)
    active = models.BooleanField(db_default=True)
    concurrency = models.IntegerField(db_default=8)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        """Invariants."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["merchant", "name"], name="destination_once"),
            models.CheckConstraint(condition=~Q(name=""), name="destination_named"),
            models.CheckConstraint(
                condition=Q(concurrency__gte=1, concurrency__lte=MOST_AT_ONCE), name="destination_concurrency"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Health(models.Model):
    """How a destination answers: its breaker, its last good and bad answer, when it last spoke by itself.

    ``checked_at`` is when a relay last looked after it, ``polled_at`` when one last asked what was shipped,
    ``refused_at`` when a message in its name was not authentic. The relay writes all of it but ``heard_at`` and
    ``refused_at``.
    """

    destination = models.OneToOneField(Destination, on_delete=models.CASCADE, primary_key=True, related_name="health")
    breaker = models.TextField(db_default="closed")
    failures = models.IntegerField(db_default=0)
    opened_at = models.DateTimeField(null=True)
    retry_at = models.DateTimeField(null=True)
    last_ok_at = models.DateTimeField(null=True)
    last_failure_at = models.DateTimeField(null=True)
    last_failure = models.TextField(db_default="")
    heard_at = models.DateTimeField(null=True)
    answer_ms = models.IntegerField(null=True)
    checked_at = models.DateTimeField(null=True)
    polled_at = models.DateTimeField(null=True)
    refused_at = models.DateTimeField(null=True)

    class Meta:
        """Invariants."""

        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(breaker__in=BREAKER_STATES), name="health_breaker_known")
        ]

    def __str__(self) -> str:
        return f"{self.destination_id} {self.breaker}"


class Routing(models.Model):
    """Which warehouse an order goes to: rows of a first-hit table, see ``routing``. The newest row is the live one."""

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+", db_index=False)
    rows = models.JSONField()
    at = models.DateTimeField(db_default=Now())
    actor_kind = models.TextField()
    actor_id = models.TextField()
    actor_name = models.TextField()

    class Meta:
        """Indexes."""

        indexes: ClassVar = [models.Index(fields=["merchant", "-id"], name="routing_newest")]

    def __str__(self) -> str:
        return f"{self.merchant_id} {self.pk}"


class Push(models.Model):
    """One thing that must leave for a warehouse: create the delivery of an order, or stop it.

    The key that the warehouse knows it by is made of the order and the ``revision`` alone, so it never changes. A
    row is *ready* as long as the warehouse certainly has nothing of it, *unknown* as soon as it might have, *done*
    once it said so. ``attempt`` fences: who claimed the row earlier can no longer write. ``tries`` is the budget: it
    counts answers that were about this order, not outages. ``detail`` holds the warehouse's own words, ``said`` ours in
    both languages. Times are the database's.
    """

    pk = models.CompositePrimaryKey("order_id", "operation", "revision")
    order = models.ForeignKey(
        Order, on_delete=models.PROTECT, related_name="pushes", db_index=False, db_constraint=False
    )
    operation = models.TextField()
    revision = models.IntegerField()
    merchant = models.ForeignKey(
        Merchant, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    destination = models.ForeignKey(Destination, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    urgent = models.BooleanField(db_default=False)
    state = models.TextField(db_default="ready")
    attempt = models.IntegerField(db_default=0)
    tries = models.IntegerField(db_default=0)
    asks = models.IntegerField(db_default=0)
    due_at = models.DateTimeField(null=True, db_default=Now())
    lease_until = models.DateTimeField(null=True)
    reason = models.TextField(db_default="")
    detail = models.TextField(db_default="")
    said = models.JSONField(null=True)
    warehouse_no = models.TextField(db_default="")
    created_at = models.DateTimeField(db_default=Now())
    sent_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        """Invariants and indexes."""

        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(state__in=STATES), name="push_state_known"),
            models.CheckConstraint(condition=Q(operation__in=OPERATIONS), name="push_operation_known"),
            models.CheckConstraint(condition=Q(revision__gte=1), name="push_revision_positive"),
            models.CheckConstraint(
                condition=Q(state__in=LIVE, ended_at__isnull=True) | (~Q(state__in=LIVE) & Q(ended_at__isnull=False)),
                name="push_ends",
            ),
            models.CheckConstraint(
                condition=~Q(state="sending") | Q(lease_until__isnull=False, destination__isnull=False),
                name="push_sending_leased",
            ),
            models.CheckConstraint(
                condition=~Q(state="ready") | Q(lease_until__isnull=True, due_at__isnull=False),
                name="push_ready_unleased",
            ),
            models.UniqueConstraint(
                fields=["order", "operation"], condition=Q(state__in=LIVE), name="push_one_live_an_order"
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["destination", "-urgent", "order"], condition=Q(state="ready"), name="push_ready_in_turn"
            ),
            models.Index(
                fields=["state", "due_at"], condition=Q(state__in=("sending", "unknown")), name="push_in_the_air"
            ),
            models.Index(fields=["merchant", "-ended_at"], condition=Q(state="failed"), name="push_failed"),
            models.Index(fields=["destination", "-ended_at"], condition=Q(state="done"), name="push_done_lately"),
        ]

    def __str__(self) -> str:
        return f"{self.operation} {self.order_id}-{self.revision} {self.state}"


class Parcel(models.Model):
    """One parcel that a warehouse shipped, as it told us; several an order are normal."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="parcels", db_constraint=False)
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+", db_index=False)
    destination = models.ForeignKey(Destination, on_delete=models.PROTECT, related_name="+")
    revision = models.IntegerField()
    carrier = models.TextField()
    carrier_name = models.TextField(db_default="")
    tracking_no = models.TextField()
    items = models.JSONField(default=list)
    told_at = models.DateTimeField(db_default=Now())

    class Meta:
        """A parcel is told of once."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["order", "carrier", "tracking_no"], name="parcel_once"),
            models.CheckConstraint(condition=~Q(tracking_no=""), name="parcel_numbered"),
        ]
        indexes: ClassVar = [models.Index(fields=["destination", "-told_at"], name="parcel_newest")]

    def __str__(self) -> str:
        return f"{self.carrier} {self.tracking_no}"


class Receipt(models.Model):
    """One message of a warehouse's that we took in: each signature and each event id once."""

    destination = models.ForeignKey(Destination, on_delete=models.PROTECT, related_name="+", db_index=False)
    method = models.TextField()
    event_id = models.TextField()
    signature = models.TextField()
    body_sha256 = models.TextField()
    outcome = models.TextField(db_default="")
    at = models.DateTimeField(db_default=Now())

    class Meta:
        """What makes a replay visible."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["destination", "signature"], name="receipt_signature_once"),
            models.UniqueConstraint(
                fields=["destination", "method", "event_id"], condition=~Q(event_id=""), name="receipt_event_once"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["destination", "-at"], name="receipt_newest")]

    def __str__(self) -> str:
        return f"{self.method} {self.event_id}"
