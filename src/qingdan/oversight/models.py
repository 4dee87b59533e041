"""Rows of the room: when sources spoke, incidents with the orders behind them, and differences between the books."""

from typing import ClassVar, Final

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from qingdan.orders.models import Merchant, Order

SOURCES: Final = ("shop", "answers", "returns", "carrier", "relay", "import")
"""What may speak: a shop's feed, a warehouse's answers to pushes, its reports of what left, a carrier's parcels, the
relay itself. ``import`` remembers which imports were counted."""
KINDS: Final = ("shop", "warehouse", "carrier", "relay")
CAUSES: Final = (
    "unreachable", "no_answers", "no_returns", "refused", "carrier", "import_failed", "no_file", "relay", "everything",
)  # fmt: skip
ENDS: Final = ("returned", "person", "nothing_waits")
BOOKS: Final = ("warehouse", "bill")


class Voice(models.Model):
    """How often a source spoke in five minutes, and when it did last."""

    pk = models.CompositePrimaryKey("merchant_id", "kind", "source", "slot")
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.TextField()
    source = models.TextField()
    slot = models.DateTimeField()
    n = models.BigIntegerField()
    last_at = models.DateTimeField()

    class Meta:
        """Invariants."""

        constraints: ClassVar = [models.CheckConstraint(condition=Q(kind__in=SOURCES), name="voice_kind_known")]

    def __str__(self) -> str:
        return f"{self.kind} {self.source} {self.slot:%Y-%m-%d %H:%M}"


class Incident(models.Model):
    """A source that fell silent: since when, what is usual, the likely cause, whose it is, how many orders wait.

    At most one is open a source. ``behind`` is how many of its orders still wait, ``most`` how many ever did at once.
    ``usual`` and ``allowed`` are seconds. ``taken`` says who looks after it.
    """

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.TextField()
    source = models.TextField()
    name = models.TextField()
    cause = models.TextField()
    detail = models.TextField(db_default="")
    since = models.DateTimeField()
    usual = models.FloatField(null=True)
    allowed = models.FloatField()
    owner_role = models.TextField()
    behind = models.BigIntegerField(db_default=0)
    most = models.BigIntegerField(db_default=0)
    opened_at = models.DateTimeField()
    taken_id = models.TextField(db_default="")
    taken_name = models.TextField(db_default="")
    taken_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    end = models.TextField(db_default="")
    note = models.TextField(db_default="")

    class Meta:
        """Invariants and indexes."""

        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(kind__in=KINDS), name="incident_kind_known"),
            models.CheckConstraint(condition=Q(cause__in=CAUSES), name="incident_cause_known"),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, end="") | Q(closed_at__isnull=False, end__in=ENDS),
                name="incident_ends",
            ),
            models.UniqueConstraint(
                fields=["merchant", "kind", "source"], condition=Q(closed_at__isnull=True), name="incident_one_open"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["merchant", "-id"], name="incident_newest")]

    def __str__(self) -> str:
        return f"{self.kind} {self.source}"


class Affected(models.Model):
    """An order that stood behind an incident at some time."""

    pk = models.CompositePrimaryKey("incident_id", "order_id")
    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="affected", db_index=False)
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="affected", db_constraint=False)

    def __str__(self) -> str:
        return f"{self.pk}"


class Reconciliation(models.Model):
    """One comparison of our ledger with another's books: how much was compared, asked, and found to differ."""

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+", db_index=False)
    book = models.TextField()
    name = models.TextField()
    compared = models.BigIntegerField()
    unanswered = models.BigIntegerField(db_default=0)
    caught_up = models.BigIntegerField(db_default=0)
    found = models.BigIntegerField(db_default=0)
    vanished = models.BigIntegerField(db_default=0)
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(db_default=Now())

    class Meta:
        """Invariants and indexes."""

        constraints: ClassVar = [models.CheckConstraint(condition=Q(book__in=BOOKS), name="reconciliation_book_known")]
        indexes: ClassVar = [models.Index(fields=["merchant", "-id"], name="reconciliation_newest")]

    def __str__(self) -> str:
        return f"{self.book} {self.name}"


class Difference(models.Model):
    """What our ledger and another's books say differently of one order, until somebody settles it with a reason.

    ``ours`` and ``theirs`` are the states as each side names them. One that a later comparison no longer finds has
    ``vanished_at`` and asks for nothing. One that comes back changed is a new row.
    """

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+", db_index=False)
    book = models.TextField()
    name = models.TextField()
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False)
    kind = models.TextField()
    ours = models.TextField()
    theirs = models.TextField()
    amount = models.BigIntegerField(null=True)
    found_at = models.DateTimeField(db_default=Now())
    seen_at = models.DateTimeField(db_default=Now())
    vanished_at = models.DateTimeField(null=True)
    settled_id = models.TextField(db_default="")
    settled_name = models.TextField(db_default="")
    settled_at = models.DateTimeField(null=True)
    reason = models.TextField(db_default="")

    class Meta:
        """Invariants and indexes."""

        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(book__in=BOOKS), name="difference_book_known"),
            models.CheckConstraint(
                condition=Q(settled_at__isnull=True) | ~Q(reason="") & ~Q(settled_id=""), name="difference_settled_why"
            ),
            # what somebody settled stays settled for as long as both sides say the same
            models.UniqueConstraint(
                fields=["merchant", "book", "order", "kind", "ours", "theirs"],
                condition=Q(vanished_at__isnull=True),
                name="difference_once",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["merchant", "-id"],
                condition=Q(vanished_at__isnull=True, settled_at__isnull=True),
                name="difference_open",
            ),
            models.Index(fields=["order"], name="difference_of_order"),
        ]

    def __str__(self) -> str:
        return f"{self.book} {self.order_id} {self.kind}"
