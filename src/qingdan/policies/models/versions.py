"""Versions of a merchant's review policy, by what they decide, and how they were proven and published."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from qingdan.orders.models import Merchant


class PolicyVersion(models.Model):
    """One policy as it was written. ``hash`` depends on what it decides; a version is never edited."""

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="policy_versions")
    hash = models.TextField()
    policy_id = models.TextField()
    title_zh = models.TextField()
    title_en = models.TextField()
    source = models.TextField()
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        """Invariants."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["merchant", "hash"], name="policy_version_once"),
            models.CheckConstraint(condition=~Q(hash=""), name="policy_version_hashed"),
        ]

    def __str__(self) -> str:
        return f"{self.policy_id} {self.hash[:12]}"


class Publication(models.Model):
    """A version was made the live one; the newest row of a merchant says which one is."""

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+", db_index=False)
    version = models.ForeignKey(PolicyVersion, on_delete=models.PROTECT, related_name="publications")
    at = models.DateTimeField(db_default=Now())
    actor_kind = models.TextField()
    actor_id = models.TextField()
    actor_name = models.TextField()

    class Meta:
        """Indexes."""

        indexes: ClassVar = [models.Index(fields=["merchant", "-id"], name="publication_newest")]

    def __str__(self) -> str:
        return f"{self.version_id} {self.at:%Y-%m-%d}"


class Draft(models.Model):
    """A policy being written. ``version`` counts its saves; a save names the version it was made from.

    A draft may have errors: it is text until it is published.
    """

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+", db_index=False)
    name = models.CharField(max_length=80)
    source = models.TextField()
    version = models.IntegerField(db_default=1)
    based_on = models.TextField(db_default="")
    created_at = models.DateTimeField(db_default=Now())
    created_by = models.TextField()
    changed_at = models.DateTimeField(db_default=Now())
    changed_by = models.TextField()

    class Meta:
        """Invariants and indexes."""

        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(name=""), name="draft_named"),
            models.CheckConstraint(condition=Q(version__gte=1), name="draft_version_positive"),
        ]
        indexes: ClassVar = [models.Index(fields=["merchant", "-changed_at"], name="draft_newest")]

    def __str__(self) -> str:
        return self.name


class Act(models.Model):
    """What somebody did to a policy: the audit trail, only added to. ``subject`` is a draft's id or a policy's hash."""

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.TextField()
    subject = models.TextField()
    at = models.DateTimeField(db_default=Now())
    actor_kind = models.TextField()
    actor_id = models.TextField()
    actor_name = models.TextField()
    details = models.JSONField(db_default={})

    class Meta:
        """Indexes."""

        indexes: ClassVar = [models.Index(fields=["merchant", "-id"], name="policy_act_newest")]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"


class Judged(models.Model):
    """Orders as they were judged, some thousands a row: what backtests look at instead of today's facts.

    ``facts`` and ``texts`` are Parquet files of the same orders in the same order: ``facts`` holds what ``history``
    says beside every field of the catalogue that is no text, ``texts`` the others. They are kept apart because texts
    are most of the bytes, and a backtest that has searched a chunk before does not read them again.
    """

    class Cause(models.TextChoices):
        """What made somebody judge."""

        IMPORT = "import"
        REVIEW = "review"

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+", db_index=False)
    cause = models.TextField(choices=Cause)
    at = models.DateTimeField(db_default=Now())
    orders = models.IntegerField()
    counted = models.IntegerField()
    first_created = models.DateTimeField(null=True)
    last_created = models.DateTimeField(null=True)
    facts = models.BinaryField()
    texts = models.BinaryField()

    class Meta:
        """Invariants and indexes."""

        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(orders__gte=1), name="judged_some"),
            models.CheckConstraint(condition=Q(counted__lte=models.F("orders")), name="judged_counted"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["merchant", "last_created"], name="judged_period"),
            models.Index(fields=["at"], name="judged_at"),
        ]

    def __str__(self) -> str:
        return f"{self.pk}"


class TextBits(models.Model):
    """Results of one condition on texts for one chunk of judged orders, as bits; kept between backtests."""

    pk = models.CompositePrimaryKey("chunk_id", "key")
    chunk = models.ForeignKey(Judged, on_delete=models.CASCADE, related_name="+", db_index=False)
    key = models.TextField()
    bits = models.BinaryField()
    at = models.DateTimeField(db_default=Now())

    class Meta:
        """Indexes."""

        indexes: ClassVar = [models.Index(fields=["at"], name="text_bits_at")]

    def __str__(self) -> str:
        return self.key


class Backtest(models.Model):
    """A policy tried on history beside another; ``result`` is there once it is done."""

    class State(models.TextChoices):
        """How far it is."""

        QUEUED = "queued"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+", db_index=False)
    draft = models.ForeignKey(Draft, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False)
    state = models.TextField(choices=State, db_default=State.QUEUED)
    old_source = models.TextField()
    old_hash = models.TextField()
    new_source = models.TextField()
    new_hash = models.TextField()
    since = models.DateTimeField(null=True)
    before = models.DateTimeField(null=True)
    done_chunks = models.IntegerField(db_default=0)
    chunks = models.IntegerField(db_default=0)
    result = models.JSONField(null=True)
    error = models.TextField(db_default="")
    created_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True)
    created_by = models.TextField()

    class Meta:
        """Indexes."""

        indexes: ClassVar = [models.Index(fields=["merchant", "-id"], name="backtest_newest")]

    def __str__(self) -> str:
        return f"{self.pk} {self.state}"


class Rollout(models.Model):
    """A policy on its way to being live, and out again: each step is an action with its audit row.

    ``needs_approval`` says that the backtest released more than the policy it replaces, so a second person must agree.
    ``shadow_skipped`` says why it goes live without having judged incoming orders beside the live policy.
    """

    class State(models.TextChoices):
        """Where it is on its way."""

        PROPOSED = "proposed"
        SHADOW = "shadow"
        SCHEDULED = "scheduled"
        LIVE = "live"
        ENDED = "ended"
        WITHDRAWN = "withdrawn"

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+", db_index=False)
    state = models.TextField(choices=State, db_default=State.PROPOSED)
    name = models.CharField(max_length=80)
    source = models.TextField()
    hash = models.TextField()
    backtest = models.ForeignKey(Backtest, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    needs_approval = models.BooleanField()
    proposed_at = models.DateTimeField(db_default=Now())
    proposed_id = models.TextField()
    proposed_by = models.TextField()
    approved_at = models.DateTimeField(null=True)
    approved_by = models.TextField(db_default="")
    shadow_since = models.DateTimeField(null=True)
    shadow_skipped = models.TextField(db_default="")
    starts_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)
    live_since = models.DateTimeField(null=True)
    replaced = models.ForeignKey(PolicyVersion, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)

    class Meta:
        """Invariants and indexes."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["merchant"], condition=Q(shadow_since__isnull=False, state="shadow"), name="rollout_one_shadow"
            ),
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(starts_at__isnull=True) | Q(ends_at__gt=models.F("starts_at")),
                name="rollout_ends_after_start",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["merchant", "-id"], name="rollout_newest"),
            models.Index(fields=["state"], condition=Q(state__in=["scheduled", "live"]), name="rollout_due"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.state}"


class Shadowed(models.Model):
    """Incoming orders as the live policy and a shadow judged them, some thousands a row.

    ``verdicts`` is a Parquet file of order id, version and, for both, where the order goes, its tier and its masks.
    """

    rollout = models.ForeignKey(Rollout, on_delete=models.CASCADE, related_name="shadowed")
    at = models.DateTimeField(db_default=Now())
    live_hash = models.TextField()
    orders = models.IntegerField()
    differing = models.IntegerField()
    verdicts = models.BinaryField()

    def __str__(self) -> str:
        return f"{self.rollout_id} {self.orders}"


class Application(models.Model):
    """The live policy applied to the orders that wait, in the background; ``last_order`` is how far it is."""

    class State(models.TextChoices):
        """How far it is."""

        QUEUED = "queued"
        RUNNING = "running"
        DONE = "done"
        CANCELLED = "cancelled"

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+", db_index=False)
    version = models.ForeignKey(PolicyVersion, on_delete=models.PROTECT, related_name="+", db_index=False)
    state = models.TextField(choices=State, db_default=State.QUEUED)
    as_of = models.DateTimeField()
    waiting = models.IntegerField()
    done = models.IntegerField(db_default=0)
    changed = models.IntegerField(db_default=0)
    last_order = models.BigIntegerField(db_default=0)
    created_at = models.DateTimeField(db_default=Now())
    created_by = models.TextField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        """Invariants and indexes."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["merchant"], condition=Q(state__in=["queued", "running"]), name="application_one_at_a_time"
            )
        ]
        indexes: ClassVar = [models.Index(fields=["merchant", "-id"], name="application_newest")]

    def __str__(self) -> str:
        return f"{self.pk} {self.state}"


class Template(models.Model):
    """A policy that a team keeps for another time, with what it did when it was live or tried."""

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+", db_index=False)
    name = models.CharField(max_length=80)
    note = models.TextField(db_default="")
    source = models.TextField()
    hash = models.TextField()
    results = models.JSONField(null=True)
    created_at = models.DateTimeField(db_default=Now())
    created_by = models.TextField()

    class Meta:
        """Invariants."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["merchant", "name"], name="template_once"),
            models.CheckConstraint(condition=~Q(name=""), name="template_named"),
        ]

    def __str__(self) -> str:
        return self.name
