"""Rows about customer lists: who stands on which list since when, and every change of a list."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from qingdan.orders.models import Merchant


class Kind(models.TextChoices):
    """The lists that there are."""

    VIP = "vip", "VIP名单"
    KEY_ACCOUNT = "key_account", "大客户名单"
    BLACKLIST = "blacklist", "黑名单"
    RETURNS = "returns", "退货退款名单"


class Mode(models.TextChoices):
    """How a list was changed."""

    ADD = "add", "追加"
    REPLACE = "replace", "整份替换"
    ONE = "one", "添加一条"
    REMOVE = "remove", "移除一条"
    EXPIRE = "expire", "到期"


class Change(models.Model):
    """One change of one list, and how far the orders that wait have been reviewed anew because of it.

    ``waiting`` orders are looked at, ``seen`` of them so far; ``orders`` are those it concerns. A ``cancelled`` review
    stopped where it was and may go on. ``titles`` are the columns of its file; ``refusals`` holds row, cells and reason
    of each row that was not taken.
    """

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.TextField(choices=Kind.choices)
    mode = models.TextField(choices=Mode.choices)
    file = models.TextField(db_default="")
    actor_kind = models.TextField()
    actor_id = models.TextField()
    actor_name = models.TextField()
    created_at = models.DateTimeField(db_default=Now())
    rows = models.BigIntegerField(db_default=0)
    added = models.BigIntegerField(db_default=0)
    kept = models.BigIntegerField(db_default=0)
    removed = models.BigIntegerField(db_default=0)
    titles = models.JSONField(default=list)
    refusals = models.JSONField(default=list)
    waiting = models.BigIntegerField(db_default=0)
    seen = models.BigIntegerField(db_default=0)
    last_order = models.BigIntegerField(db_default=0)
    cancelled = models.BooleanField(db_default=False)
    orders = models.BigIntegerField(db_default=0)
    orders_done = models.BigIntegerField(db_default=0)
    orders_changed = models.BigIntegerField(db_default=0)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        """Indexes."""

        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="customer_change_kind_known"),
            models.CheckConstraint(condition=Q(mode__in=Mode.values), name="customer_change_mode_known"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["merchant", "-id"], name="customer_change_newest"),
            models.Index(fields=["id"], condition=Q(finished_at=None), name="customer_change_open"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.mode}"


class Entry(models.Model):
    """One line of a list. An order that has its buyer, its phone or its number stands on the list.

    A blank means that the line does not say; ``channel`` narrows the buyer and the order number down. A phone is kept
    as a keyed hash, which finds it again, and masked, which shows it. A line that was taken off the list stays, with
    the change that did it.
    """

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.TextField(choices=Kind.choices)
    channel = models.TextField(db_default="")
    buyer = models.TextField(db_default="")
    phone_key = models.TextField(db_default="")
    phone_shown = models.TextField(db_default="")
    order_no = models.TextField(db_default="")
    happened_on = models.DateField(null=True)
    expires_on = models.DateField(null=True)
    note = models.TextField(db_default="")
    added_by = models.ForeignKey(Change, on_delete=models.PROTECT, related_name="added_entries")
    removed_by = models.ForeignKey(Change, on_delete=models.PROTECT, null=True, related_name="removed_entries")

    class Meta:
        """Invariants and indexes."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["merchant", "kind", "channel", "buyer", "phone_key", "order_no", "happened_on"],
                condition=Q(removed_by=None),
                nulls_distinct=False,
                name="customer_entry_once",
            ),
            models.CheckConstraint(
                condition=~Q(buyer="", phone_key="", order_no=""), name="customer_entry_names_somebody"
            ),
            models.CheckConstraint(
                condition=~Q(kind="returns") | Q(happened_on__isnull=False), name="customer_return_dated"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"
