"""Versions of a merchant's review policy, by what they decide, and the history of which one was live."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
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

    ``proof_from`` and ``proof_to`` are the days whose decisions were used as proof: whoever looks at the same days again
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
