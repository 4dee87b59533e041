# ruff: noqa: DJ001 - an empty text and no text differ: null means that the bill did not say
"""Rows of the room: bills, their entries and refused rows, and what each order's payment is found to be."""

from typing import ClassVar, Final

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from qingdan.finance.formats import KINDS
from qingdan.finance.matching import STATES
from qingdan.orders.models import Merchant

DIFFERENCES: Final = ("short", "over", "double", "missing", "unexpected")
"""States that finance has to look at."""


class BillState(models.TextChoices):
    """How far a bill is."""

    QUEUED = "queued", "排队中"
    READING = "reading", "读取中"
    DONE = "done", "已完成"
    FAILED = "failed", "失败"


class BillFile(models.Model):
    """One upload: a bill, or an archive of bills.

    ``rows`` are those of its entries that could be read or not, ``new`` those that no bill told before. ``parts`` says
    the same of each file in an archive. ``problem`` is the message of an upload of which nothing could be read.
    ``locked`` says that something in it wants a password and its bytes wait for one; ``sealed`` holds the passwords
    that were given until the reading has used them.
    """

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+", db_index=False)
    name = models.TextField()
    sha256 = models.TextField()
    size = models.BigIntegerField()
    state = models.TextField(choices=BillState.choices, db_default=BillState.QUEUED.value)
    attempts = models.IntegerField(db_default=0)
    rows = models.BigIntegerField(db_default=0)
    new = models.BigIntegerField(db_default=0)
    refused = models.BigIntegerField(db_default=0)
    parts = models.JSONField(default=list)
    problem = models.JSONField(null=True)
    locked = models.BooleanField(db_default=False)
    sealed = models.BinaryField(null=True)
    actor_kind = models.TextField()
    actor_id = models.TextField()
    actor_name = models.TextField()
    created_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True)

    class Meta:
        """Invariants and indexes."""

        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(state__in=BillState.values), name="bill_state_known"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["merchant", "-id"], name="bill_newest"),
            models.Index(fields=["id"], condition=Q(finished_at=None), name="bill_open"),
        ]

    def __str__(self) -> str:
        return self.name


class BillPeriod(models.Model):
    """A time for which a bill of a family is there: what it does not name was not paid then."""

    bill = models.ForeignKey(BillFile, on_delete=models.CASCADE, related_name="periods")
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+", db_index=False)
    family = models.TextField()
    begin = models.DateTimeField()
    end = models.DateTimeField()

    class Meta:
        """Indexes."""

        indexes: ClassVar = [models.Index(fields=["merchant", "family"], name="bill_period_family")]

    def __str__(self) -> str:
        return f"{self.family} {self.begin:%Y-%m-%d}"


class BillRefusal(models.Model):
    """A row of a bill that could not be read: where it stands, what is wrong, in both languages."""

    bill = models.ForeignKey(BillFile, on_delete=models.CASCADE, related_name="refusals")
    file = models.TextField()
    row = models.BigIntegerField()
    column = models.TextField()
    value = models.TextField(db_default="", null=True)
    reason = models.TextField()
    zh = models.TextField()
    en = models.TextField()
    advice_zh = models.TextField()
    advice_en = models.TextField()

    def __str__(self) -> str:
        return f"{self.file}:{self.row}"


class BillEntry(models.Model):
    """One entry of a bill: money that came (positive) or went, in fen, once however many bills tell of it.

    ``order`` is the order that it was found to belong to; the database forgets it when the order is deleted.
    """

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+", db_index=False)
    bill = models.ForeignKey(BillFile, on_delete=models.PROTECT, related_name="entries")
    row = models.BigIntegerField()
    family = models.TextField()
    format = models.TextField()
    entry_no = models.TextField()
    trade_no = models.TextField(null=True)
    merchant_order_no = models.TextField(null=True)
    order_no = models.TextField(null=True)
    kind = models.TextField()
    at = models.DateTimeField()
    amount = models.BigIntegerField()
    fee = models.BigIntegerField()
    goods = models.TextField(null=True)
    order = models.ForeignKey(
        "orders.Order", on_delete=models.SET_NULL, null=True, related_name="+", db_constraint=False, db_index=False
    )

    class Meta:
        """Invariants and indexes."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["merchant", "family", "entry_no"], name="bill_entry_once"),
            models.CheckConstraint(condition=Q(kind__in=KINDS), name="bill_entry_kind_known"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["merchant", "order_no"], condition=Q(order_no__isnull=False), name="entry_order_no"),
            models.Index(
                fields=["merchant", "merchant_order_no"],
                condition=Q(merchant_order_no__isnull=False),
                name="entry_merchant_order_no",
            ),
            models.Index(fields=["merchant", "trade_no"], condition=Q(trade_no__isnull=False), name="entry_trade_no"),
            models.Index(fields=["order"], condition=Q(order__isnull=False), name="entry_of_order"),
            models.Index(
                fields=["merchant", "-at", "-id"],
                condition=Q(order__isnull=True, kind__in=["payment", "refund"]),
                name="entry_not_ours",
            ),
        ]

    def __str__(self) -> str:
        return self.entry_no


class Payment(models.Model):
    """What the bills say of one order's payment, amounts in fen; a difference is a case until finance settles it.

    There is no row while no bill of the order's time is there. A settled one is open again when bills or the order
    change what was found.
    """

    order = models.OneToOneField(
        "orders.Order", on_delete=models.CASCADE, primary_key=True, related_name="payment", db_constraint=False
    )
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+", db_index=False)
    state = models.TextField()
    due = models.BigIntegerField()
    paid = models.BigIntegerField()
    refunded = models.BigIntegerField()
    fee = models.BigIntegerField()
    difference = models.BigIntegerField()
    payments = models.BigIntegerField()
    matched_at = models.DateTimeField(db_default=Now())
    settled_by = models.TextField(null=True)
    settled_name = models.TextField(null=True)
    settled_at = models.DateTimeField(null=True)
    note = models.TextField(db_default="")

    class Meta:
        """Invariants and indexes."""

        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(state__in=STATES), name="payment_state_known"),
            models.CheckConstraint(
                condition=Q(settled_at__isnull=True, settled_by__isnull=True)
                | Q(settled_at__isnull=False, settled_by__isnull=False, state__in=DIFFERENCES),
                name="payment_settled_by_somebody",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["merchant", "state"], name="payment_state"),
            models.Index(
                fields=["merchant", "state", "order"],
                condition=Q(state__in=DIFFERENCES),
                name="payment_case",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order_id} {self.state}"


class PaymentEvent(models.Model):
    """Somebody settled a difference, or new facts opened it again; never changed."""

    order = models.ForeignKey("orders.Order", on_delete=models.CASCADE, related_name="+", db_constraint=False)
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.TextField()
    at = models.DateTimeField(db_default=Now())
    state = models.TextField()
    difference = models.BigIntegerField()
    actor_name = models.TextField(db_default="")
    note = models.TextField(db_default="")

    class Meta:
        """Invariants."""

        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(kind__in=["settled", "reopened"]), name="payment_event_kind_known"),
        ]

    def __str__(self) -> str:
        return f"{self.order_id} {self.kind}"


class MatchRun(models.Model):
    """Orders to be matched because of a bill or an import; which are left stands in ``MatchDue`` once ``prepared``."""

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+", db_index=False)
    bill = models.ForeignKey(BillFile, on_delete=models.CASCADE, null=True, related_name="runs")
    import_id = models.BigIntegerField(null=True)
    prepared = models.BooleanField(db_default=False)
    orders = models.BigIntegerField(db_default=0)
    changed = models.BigIntegerField(db_default=0)
    reviewed = models.BigIntegerField(db_default=0)
    created_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True)

    class Meta:
        """Invariants and indexes."""

        indexes: ClassVar = [models.Index(fields=["id"], condition=Q(finished_at=None), name="match_run_open")]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(bill__isnull=False, import_id__isnull=True) | Q(bill__isnull=True, import_id__isnull=False),
                name="match_run_of_one",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk}"


class MatchDue(models.Model):
    """An order that a run has still to match."""

    pk = models.CompositePrimaryKey("run", "order_id")
    run = models.ForeignKey(MatchRun, on_delete=models.CASCADE, related_name="due", db_index=False)
    order_id = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.pk}"
