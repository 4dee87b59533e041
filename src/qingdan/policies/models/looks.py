"""What people see in released orders and leave aside: audit samples, snoozes, notices, suggestions."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from qingdan.orders.models import Merchant


class AuditSetting(models.Model):
    """How much of what is decided by itself a person looks at, blind; ``key`` makes the choice impossible to guess.

    ``share`` and ``limit`` are parts of one: the share that is drawn, and the defect rate that a check may have.
    ``controls`` also draws that share of the orders that were stopped, so that what is shown says nothing.
    """

    merchant = models.OneToOneField(Merchant, on_delete=models.PROTECT, primary_key=True, related_name="+")
    share = models.FloatField()
    limit = models.FloatField()
    controls = models.BooleanField()
    key = models.BinaryField()
    changed_at = models.DateTimeField(db_default=Now())
    changed_by = models.TextField(db_default="")

    class Meta:
        """Invariants."""

        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(share__gte=0, share__lte=1), name="audit_share_is_a_share"),
            models.CheckConstraint(condition=Q(limit__gt=0, limit__lt=1), name="audit_limit_is_a_share"),
        ]

    def __str__(self) -> str:
        return f"{self.merchant_id} {self.share:%}"


class Audit(models.Model):
    """An order drawn for a blind look, and whether the person who looked would have released it.

    ``released`` is what the policy did; ``snoozed`` are the rules that did not count for it. Of a wrong release
    ``rule`` says which rule should have stopped it, empty when none speaks of it.
    """

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+", db_index=False)
    order = models.ForeignKey(
        "orders.Order", on_delete=models.DO_NOTHING, related_name="+", db_index=False, db_constraint=False
    )
    order_version = models.IntegerField()
    policy_hash = models.TextField()
    released = models.BooleanField()
    snoozed = models.TextField(db_default="")
    draw = models.BigIntegerField()
    at = models.DateTimeField(db_default=Now())
    would_release = models.BooleanField(null=True)
    rule = models.TextField(db_default="")
    reason = models.TextField(db_default="")
    answered_at = models.DateTimeField(null=True)
    answered_id = models.TextField(db_default="")
    answered_by = models.TextField(db_default="")

    class Meta:
        """Invariants and indexes."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["merchant", "order", "policy_hash"], name="audit_once"),
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True, would_release__isnull=True)
                | Q(answered_at__isnull=False, would_release__isnull=False),
                name="audit_answered_whole",
            ),
            models.CheckConstraint(condition=~Q(would_release=False, reason=""), name="audit_wrong_says_why"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["merchant", "-at", "draw"], condition=Q(answered_at=None), name="audit_open"),
            models.Index(fields=["merchant", "-answered_at"], condition=~Q(answered_at=None), name="audit_answered"),
        ]

    def __str__(self) -> str:
        return f"{self.order_id} {self.would_release}"


class Snooze(models.Model):
    """A rule that does not count for one buyer, receiver or SKU for a while (see ``core.policy.snooze``).

    ``subject`` is the buyer's token, the receiver's key or the merchant's SKU code. ``pending`` says that the orders
    that wait must be judged anew, because it began or ended.
    """

    class Kind(models.TextChoices):
        """Whom or what it is for."""

        BUYER = "buyer"
        RECEIVER = "receiver"
        SKU = "sku"

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+", db_index=False)
    rule = models.TextField()
    kind = models.TextField(choices=Kind)
    channel = models.TextField(db_default="")
    subject = models.TextField()
    shown = models.TextField()
    reason = models.TextField()
    since = models.DateTimeField()
    until = models.DateTimeField()
    created_id = models.TextField()
    created_by = models.TextField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.TextField(db_default="")
    pending = models.BooleanField(db_default=True)

    class Meta:
        """Invariants and indexes."""

        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(until__gt=models.F("since")), name="snooze_ends_after_start"),
            models.CheckConstraint(condition=~Q(reason="") & ~Q(subject=""), name="snooze_says_why_and_whom"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["merchant", "until"], name="snooze_merchant"),
            models.Index(fields=["id"], condition=Q(pending=True), name="snooze_pending"),
        ]

    def __str__(self) -> str:
        return f"{self.rule} {self.kind}"


class Notice(models.Model):
    """What a policy's owners are told: by name, or by role. ``read_by`` are the users who have seen it."""

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.TextField()
    at = models.DateTimeField(db_default=Now())
    told_user = models.TextField(db_default="")
    told_role = models.TextField(db_default="")
    details = models.JSONField()
    read_by = ArrayField(models.BigIntegerField(), db_default=[])

    class Meta:
        """Indexes."""

        indexes: ClassVar = [models.Index(fields=["merchant", "-id"], name="policy_notice_newest")]

    def __str__(self) -> str:
        return self.kind


class Suggestion(models.Model):
    """Rules mined from hand decisions; ``result`` is there once it is done.

    ``proof_from`` and ``proof_to`` are the days whose decisions were proof: whoever looks at the same days again
    is asked for more (see ``suggesting``). ``mark`` tells apart what was known: the same mark is the same look.
    """

    class State(models.TextChoices):
        """How far it is."""

        QUEUED = "queued"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+", db_index=False)
    state = models.TextField(choices=State, db_default=State.QUEUED)
    source = models.TextField()
    hash = models.TextField()
    target = models.FloatField()
    since = models.DateTimeField(null=True)
    before = models.DateTimeField(null=True)
    mark = models.TextField(db_default="")
    look = models.IntegerField(db_default=1)
    proof_from = models.DateField(null=True)
    proof_to = models.DateField(null=True)
    result = models.JSONField(null=True)
    created_at = models.DateTimeField(db_default=Now())
    created_by = models.TextField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        """Invariants and indexes."""

        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(target__gt=0.5, target__lt=1), name="suggestion_target"),
        ]
        indexes: ClassVar = [models.Index(fields=["merchant", "-id"], name="suggestion_newest")]

    def __str__(self) -> str:
        return f"{self.pk} {self.state}"
