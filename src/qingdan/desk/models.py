# ruff: noqa: DJ001 - an empty text and no text differ: null means that nobody said
"""Rows of the desk: who owns which order, who works on it just now, what was decided and why.

An order itself is written by the ledger alone; these rows stand beside it. Each of them is one an order, so that the
database and not a program keeps two people from holding one. Triggers (migration 0002) keep the work log append-only,
ask again when the facts of an order change under a person's decision, and end holds whose order went on.
"""

from typing import ClassVar, Final

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from qingdan.core.policy.model import OWNERS
from qingdan.orders.models import Merchant, Order
from qingdan.people.models import Team, User

VERDICTS: Final = ("release", "hold", "refuse", "exception", "escalate", "review")
HOLD_KINDS: Final = ("time", "stock", "reply", "refund")
WORK_KINDS: Final = (
    "leased",
    "returned",
    "expired",
    "skipped",
    "snoozed",
    "decided",
    "undone",
    "assigned",
    "handed_over",
    "kept",
)
SKIP_REASONS: Final = ("unsure", "waiting_info", "needs_other", "own_order", "other")
NOTICE_KINDS: Final = ("lease_expired", "asks", "escalated", "due_soon", "handed_over", "hold_ended", "bulk_done")


class DeskSettings(models.Model):
    """How one merchant's desk works. ``late_share`` is per mille of the capacity, ``refuse_limit`` is fen."""

    merchant = models.OneToOneField(Merchant, on_delete=models.CASCADE, primary_key=True, related_name="desk")
    lease_minutes = models.IntegerField(db_default=10)
    batch = models.IntegerField(db_default=10)
    late_share = models.IntegerField(db_default=125)
    merge_buffer_minutes = models.IntegerField(db_default=0)
    escalate_minutes = models.IntegerField(db_default=30)
    refuse_limit = models.BigIntegerField(db_default=50_000)

    class Meta:
        """Limits that keep the desk usable."""

        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(lease_minutes__gte=1, lease_minutes__lte=120), name="desk_lease_span"),
            models.CheckConstraint(condition=Q(batch__gte=1, batch__lte=50), name="desk_batch"),
            models.CheckConstraint(condition=Q(late_share__gte=100, late_share__lte=150), name="desk_late_share"),
            models.CheckConstraint(
                condition=Q(merge_buffer_minutes__gte=0, merge_buffer_minutes__lte=1440), name="desk_merge_buffer"
            ),
            models.CheckConstraint(
                condition=Q(escalate_minutes__gte=0, escalate_minutes__lte=1440), name="desk_escalate_span"
            ),
            models.CheckConstraint(condition=Q(refuse_limit__gte=0), name="desk_refuse_limit"),
        ]

    def __str__(self) -> str:
        return f"{self.merchant_id}"


class Ranking(models.Model):
    """When a merchant's waiting orders were last put in order, how many, and how long that took."""

    merchant = models.OneToOneField(Merchant, on_delete=models.CASCADE, primary_key=True, related_name="+")
    at = models.DateTimeField()
    orders = models.IntegerField()
    millis = models.IntegerField()

    def __str__(self) -> str:
        return f"{self.merchant_id} {self.at}"


class _OfOrder(models.Model):
    """A row beside an order, at most one. An undone import takes its new orders away; such rows are left to a sweep."""

    merchant = models.ForeignKey(
        Merchant, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )

    class Meta:
        """No table of its own."""

        abstract = True

    def __str__(self) -> str:
        return f"{self.pk}"


class Rank(_OfOrder):
    """An order's place among those that wait, and why: see ``core.flow.priority.Plan``.

    ``due`` is the moment whose charge of ``stake`` fen the place is meant to avoid; ``minutes`` the work assumed.
    """

    order = models.OneToOneField(
        Order, on_delete=models.DO_NOTHING, primary_key=True, related_name="rank", db_constraint=False
    )
    place = models.IntegerField()
    why = models.SmallIntegerField()
    due = models.DateTimeField(null=True)
    stake = models.BigIntegerField(db_default=0)
    minutes = models.FloatField()

    class Meta:
        """Claims walk the places."""

        indexes: ClassVar = [models.Index(fields=["merchant", "place", "order"], name="rank_in_turn")]


class Assignment(_OfOrder):
    """Whose order it is beyond its tier's owner: a person's, a team's or a role's. ``level`` counts escalations."""

    order = models.OneToOneField(
        Order, on_delete=models.DO_NOTHING, primary_key=True, related_name="assignment", db_constraint=False
    )
    user = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="assignments", db_index=False)
    team = models.ForeignKey(Team, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False)
    role = models.TextField(null=True)
    level = models.SmallIntegerField(db_default=0)
    reason = models.TextField(db_default="")
    by_name = models.TextField(db_default="")
    at = models.DateTimeField(db_default=Now())

    class Meta:
        """Invariants and indexes."""

        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(role__isnull=True) | Q(role__in=OWNERS), name="assignment_role_known")
        ]
        indexes: ClassVar = [
            models.Index(fields=["user"], condition=Q(user__isnull=False), name="assignment_of_user"),
            models.Index(fields=["team"], condition=Q(team__isnull=False), name="assignment_of_team"),
        ]


class Lease(_OfOrder):
    """A person's short exclusive right to an order. ``token`` fences: who held it before can no longer write."""

    order = models.OneToOneField(
        Order, on_delete=models.DO_NOTHING, primary_key=True, related_name="lease", db_constraint=False
    )
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="leases")
    token = models.BigIntegerField()
    taken_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        """What a sweep looks for."""

        indexes: ClassVar = [models.Index(fields=["expires_at"], name="lease_expiring")]


class Snooze(_OfOrder):
    """An order that a person wants to see later: it is handed to nobody until then, and stays hers."""

    order = models.OneToOneField(
        Order, on_delete=models.DO_NOTHING, primary_key=True, related_name="snooze", db_constraint=False
    )
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    until = models.DateTimeField()
    note = models.TextField(db_default="")
    at = models.DateTimeField(db_default=Now())


class Hold(_OfOrder):
    """What a person's hold waits for. A trigger sets ``ended_at`` when the order is no longer held.

    ``until`` is the latest moment, whatever it waits for; ``ended_by`` says what ended it: the kind itself, ``time``
    when the latest moment came first, or ``moved`` when somebody decided otherwise.
    """

    order = models.OneToOneField(
        Order, on_delete=models.DO_NOTHING, primary_key=True, related_name="hold", db_constraint=False
    )
    kind = models.TextField()
    until = models.DateTimeField(null=True)
    note = models.TextField(db_default="")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True)
    ended_by = models.TextField(db_default="")

    class Meta:
        """Invariants and indexes."""

        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(kind__in=HOLD_KINDS), name="hold_kind_known"),
            models.CheckConstraint(condition=~Q(kind="time") | Q(until__isnull=False), name="hold_time_given"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["merchant", "kind"], condition=Q(ended_at__isnull=True), name="hold_open")
        ]


class Ask(_OfOrder):
    """A question to a person: the order changed after she decided it. Written by trigger, gone once answered.

    ``seen_version`` is the last version before the first change, ``version`` the newest. ``reopened`` says that the
    order no longer stands where she put it: a hold opened since, and nothing unsafe leaves meanwhile.
    """

    order = models.OneToOneField(
        Order, on_delete=models.DO_NOTHING, primary_key=True, related_name="ask", db_constraint=False
    )
    user = models.ForeignKey(
        User, on_delete=models.DO_NOTHING, null=True, related_name="+", db_index=False, db_constraint=False
    )
    seen_version = models.IntegerField()
    version = models.IntegerField()
    reopened = models.BooleanField(db_default=False)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        """Indexes."""

        indexes: ClassVar = [models.Index(fields=["merchant", "user"], name="ask_of_user")]


class Verdict(models.Model):
    """One decision at the desk: the version it made, and all that taking it back needs.

    ``was`` holds what stood before: the order's stage and decider, its assignment and hold. ``seconds`` is how long
    the person had the order before her. ``bulk`` is the run that it was part of.
    """

    pk = models.CompositePrimaryKey("order_id", "version")
    order = models.ForeignKey(
        Order, on_delete=models.DO_NOTHING, related_name="verdicts", db_constraint=False, db_index=False
    )
    version = models.IntegerField()
    merchant = models.ForeignKey(
        Merchant, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    verdict = models.TextField()
    was = models.JSONField()
    reason = models.TextField(db_default="")
    seconds = models.FloatField(null=True)
    at = models.DateTimeField(db_default=Now())
    undone_at = models.DateTimeField(null=True)
    bulk = models.BigIntegerField(null=True)

    class Meta:
        """Invariants and indexes."""

        constraints: ClassVar = [models.CheckConstraint(condition=Q(verdict__in=VERDICTS), name="verdict_known")]
        indexes: ClassVar = [models.Index(fields=["merchant", "user", "-at"], name="verdict_of_user")]

    def __str__(self) -> str:
        return f"{self.order_id} {self.verdict}"


class Worklog(models.Model):
    """What people did with the orders they were handed; rows are only ever added."""

    merchant = models.ForeignKey(
        Merchant, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    order_id = models.BigIntegerField()
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.TextField()
    at = models.DateTimeField(db_default=Now())
    token = models.BigIntegerField(null=True)
    seconds = models.FloatField(null=True)
    code = models.TextField(db_default="")
    note = models.TextField(db_default="")
    tier = models.TextField(db_default="")

    class Meta:
        """Invariants and indexes."""

        constraints: ClassVar = [models.CheckConstraint(condition=Q(kind__in=WORK_KINDS), name="worklog_kind_known")]
        indexes: ClassVar = [
            models.Index(fields=["user", "-at"], name="worklog_of_user"),
            models.Index(fields=["merchant", "-at"], condition=Q(kind="decided"), name="worklog_decided"),
            models.Index(fields=["order_id", "user"], condition=Q(kind="skipped"), name="worklog_skipped"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.order_id}"


class Notice(models.Model):
    """Something a person, or everybody of a role, should know; ``params`` fill the sentence of its ``kind``."""

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+", db_index=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, related_name="+", db_index=False)
    role = models.TextField(null=True)
    kind = models.TextField()
    order_id = models.BigIntegerField(null=True)
    params = models.JSONField(db_default={})
    at = models.DateTimeField(db_default=Now())

    class Meta:
        """Invariants and indexes."""

        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(kind__in=NOTICE_KINDS), name="notice_kind_known"),
            models.CheckConstraint(condition=Q(user__isnull=False) | Q(role__isnull=False), name="notice_tells_one"),
        ]
        indexes: ClassVar = [models.Index(fields=["merchant", "-id"], name="notice_newest")]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class NoticeRead(models.Model):
    """A person has read a notice. Rows and not a mark: what a long import tells may commit after younger ones."""

    pk = models.CompositePrimaryKey("user_id", "notice_id")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+", db_index=False)
    notice = models.ForeignKey(Notice, on_delete=models.CASCADE, related_name="reads")

    def __str__(self) -> str:
        return f"{self.pk}"


class Queue(models.Model):
    """A saved view of the desk: ``query`` is the query part of its address."""

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+", db_index=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="queues")
    name = models.CharField(max_length=64)
    query = models.CharField(max_length=2000)
    shared = models.BooleanField()

    class Meta:
        """A person's queues have different names."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["user", "name"], name="queue_name")]
        indexes: ClassVar = [models.Index(fields=["merchant"], condition=Q(shared=True), name="queue_shared")]

    def __str__(self) -> str:
        return self.name


class Bulk(models.Model):
    """One verdict on many orders, in the background. Its orders and their versions are those of when it was asked."""

    class State(models.TextChoices):
        """How far it is."""

        QUEUED = "queued"
        RUNNING = "running"
        DONE = "done"
        CANCELLED = "cancelled"

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+", db_index=False)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    state = models.TextField(choices=State, db_default=State.QUEUED)
    verdict = models.TextField()
    reason = models.TextField(db_default="")
    until = models.DateTimeField(null=True)
    hold = models.TextField(null=True)
    query = models.TextField(db_default="")
    total = models.IntegerField()
    done = models.IntegerField(db_default=0)
    failed = models.IntegerField(db_default=0)
    created_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True)

    class Meta:
        """Invariants and indexes."""

        constraints: ClassVar = [models.CheckConstraint(condition=Q(verdict__in=VERDICTS), name="bulk_verdict_known")]
        indexes: ClassVar = [models.Index(fields=["merchant", "-id"], name="bulk_newest")]

    def __str__(self) -> str:
        return f"{self.pk} {self.state}"


class BulkItem(models.Model):
    """One order of a bulk verdict; ``outcome`` is null until its turn, then ``done`` or why it was left alone."""

    pk = models.CompositePrimaryKey("bulk_id", "order_id")
    bulk = models.ForeignKey(Bulk, on_delete=models.CASCADE, related_name="items", db_index=False)
    order_id = models.BigIntegerField()
    version = models.IntegerField()
    outcome = models.TextField(null=True)

    def __str__(self) -> str:
        return f"{self.pk}"
