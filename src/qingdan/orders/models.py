# ruff: noqa: DJ001 - an empty text and no text differ: null means that the platform did not say
"""Rows of the order store. Only ``ledger`` writes orders, lines and events; counters are written by the database.

What is kept by triggers (see migration 0002): counters follow every change of an order, by whomever it is made, and
through them an order's shop is one of its merchant's; events can only be added; lines and events are of an order
that exists. A foreign key would look each row up by itself, which was a third of what storing an order cost.
"""

from typing import ClassVar, Final

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex, GinIndex
from django.db import models
from django.db.models import Q
from django.db.models.functions import Least, Now

from qingdan.core.fields import LINE_FIELDS, STAGES
from qingdan.core.lifecycle import BACKLOG, UNSHIPPED, Verdict
from qingdan.orders.catalogue import CHANNEL_GIVEN, FACTS, LINE_CONSTRAINTS, ORDER_CONSTRAINTS, add_columns

DECIDERS: Final = ("policy", "user")
ACTOR_KINDS: Final = ("policy", "user", "import", "system")
EVENT_KINDS: Final = ("imported", "updated", "decided", "reviewed", "undone")
ALERTS: Final = ("refund_opened", "address_changed", "cancelled")
"""Changes that matter: the owner of the order is told (see ``notices``)."""


class Merchant(models.Model):
    """A company that uses Qingdan; no row of one is ever seen by another."""

    name = models.TextField(unique=True)
    created_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return self.name


class Shop(models.Model):
    """A seller account on one channel."""

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="shops")
    channel = models.TextField()
    name = models.TextField()
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        """Invariants and indexes."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["merchant", "channel", "name"], name="shop_once"),
            # what the foreign key of a counter refers to, so that an order's shop is one of its own merchant's
            models.UniqueConstraint(fields=["merchant", "id"], name="shop_of_merchant"),
            models.CheckConstraint(condition=CHANNEL_GIVEN, name="shop_channel_given"),
            models.CheckConstraint(condition=~Q(name=""), name="shop_named"),
        ]

    def __str__(self) -> str:
        return self.name


class Order(models.Model):
    """One platform order: its catalogue columns (added below the class), its verdict, and where it stands.

    ``version`` counts the changes, one event each. ``hand_decided`` says that a person chose the stage; an import
    does not overrule that. ``due_at`` is the nearer of the two deadlines. ``digest`` stands for what the last import
    said of the order (see ``digest``); whoever else changes the order makes it stale by the version.
    """

    # the composite key to (merchant, shop) is the counters': each change of an order writes one, see migration 0002
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, db_constraint=False, db_index=False)
    shop = models.ForeignKey(Shop, on_delete=models.PROTECT, db_constraint=False, db_index=False)
    stage = models.TextField()
    version = models.IntegerField(db_default=1)
    verdict = models.TextField()
    tier = models.TextField(null=True)
    tier_tentative = models.BooleanField(db_default=False)
    reasons = ArrayField(models.TextField(), db_default=[])
    owner_role = models.TextField(null=True)
    respond_by = models.DateTimeField(null=True)
    resolve_by = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    ship_by_effective = models.DateTimeField(null=True)
    policy_hash = models.TextField()
    reviewed_at = models.DateTimeField()
    true_mask = models.BigIntegerField(db_default=0)
    unknown_mask = models.BigIntegerField(db_default=0)
    decided_kind = models.TextField(null=True)
    decided_id = models.TextField(null=True)
    decided_name = models.TextField(null=True)
    hand_decided = models.BooleanField(db_default=False)
    held_until = models.DateTimeField(null=True)
    received_at = models.DateTimeField(db_default=Now())
    changed_at = models.DateTimeField(db_default=Now())
    last_import = models.BigIntegerField(null=True)
    digest = models.BigIntegerField(null=True)

    class Meta:
        """Invariants and indexes."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["merchant", "channel", "order_no"], name="order_once"),
            # a generated column would be computed on a second copy of each row that is stored
            models.CheckConstraint(
                condition=Q(due_at__isnull=True, respond_by__isnull=True, resolve_by__isnull=True)
                | Q(due_at__isnull=False, due_at=Least("respond_by", "resolve_by"))
                & (Q(respond_by__isnull=False) | Q(resolve_by__isnull=False)),
                name="order_due_at_nearer",
            ),
            *ORDER_CONSTRAINTS,
            models.CheckConstraint(condition=~Q(order_no=""), name="order_numbered"),
            models.CheckConstraint(condition=Q(version__gte=1), name="order_version_positive"),
            models.CheckConstraint(condition=Q(verdict__in=[v.value for v in Verdict]), name="order_verdict_known"),
            models.CheckConstraint(condition=Q(decided_kind__in=DECIDERS), name="order_decider_known"),
            # a release is always by a recorded decision: a policy version or a named person
            models.CheckConstraint(
                condition=~Q(stage="released") | Q(decided_kind__isnull=False, decided_id__isnull=False),
                name="order_release_decided",
            ),
            models.CheckConstraint(
                condition=~Q(stage="released", platform_state__in=["closed", "cancelled"]),
                name="order_release_not_cancelled",
            ),
            models.CheckConstraint(
                condition=Q(hand_decided=False) | Q(decided_kind="user", decided_id__isnull=False),
                name="order_hand_named",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["merchant", "stage", "due_at", "id"],
                condition=Q(stage__in=sorted(s.value for s in BACKLOG)),
                name="order_backlog",
            ),
            models.Index(
                fields=["merchant", "due_at", "id"],
                condition=Q(stage__in=sorted(s.value for s in BACKLOG)),
                name="order_due",
            ),
            models.Index(fields=["merchant", "created_at", "id"], name="order_by_time"),
            # the receivers of an import's features are read all at once, so it need not be sorted by them
            models.Index(
                fields=["merchant", "id"],
                condition=Q(platform_state="waiting", receiver_key__isnull=False),
                name="order_receiver",
            ),
            # entries of bills name the payment where they do not name the order
            models.Index(
                fields=["merchant", "payment_no"], condition=Q(payment_no__isnull=False), name="order_payment_no"
            ),
            models.Index(
                fields=["merchant", "buyer_token", "created_at"],
                condition=Q(refund_state="success"),
                name="order_returns",
            ),
            # what a silent warehouse owes us
            models.Index(fields=["merchant", "id"], condition=Q(stage="sent"), name="order_sent"),
            models.Index(
                fields=["held_until"], condition=Q(stage="held", held_until__isnull=False), name="order_held_until"
            ),
            GinIndex(fields=["reasons"], condition=~Q(reasons=[]), name="order_reasons"),
            # paid orders that have not left, by the time promised to the buyer
            models.Index(
                fields=["merchant", "ship_by_effective"],
                condition=Q(stage__in=sorted(s.value for s in UNSHIPPED)),
                name="order_ship_by",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk}"


add_columns(Order, FACTS)


class OrderLine(models.Model):
    """One line of an order; its number is the platform's, or the row's place in the order."""

    pk = models.CompositePrimaryKey("order_id", "line_no")
    order = models.ForeignKey(
        Order, on_delete=models.CASCADE, related_name="lines", db_index=False, db_constraint=False
    )
    merchant = models.ForeignKey(
        Merchant, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )

    class Meta:
        """Invariants and indexes."""

        constraints: ClassVar = LINE_CONSTRAINTS

    def __str__(self) -> str:
        return f"{self.pk}"


add_columns(OrderLine, LINE_FIELDS)


class OrderEvent(models.Model):
    """One change of an order: who, when, from which stage to which, and what else changed.

    The key is the version that the change made, so an order's events are its versions 1, 2, 3 ... without a gap.
    ``changes`` maps a field to its values before and after, and for personal data to ``null``: that it changed is
    kept, what it was is not. ``alerts`` says which of the changes matter so much that the order's owner is told:
    ``told_user``, who decided it by hand, else ``told_role``.
    """

    pk = models.CompositePrimaryKey("order_id", "version")
    order = models.ForeignKey(
        Order, on_delete=models.PROTECT, related_name="events", db_index=False, db_constraint=False
    )
    merchant = models.ForeignKey(
        Merchant, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    version = models.IntegerField()
    kind = models.TextField()
    at = models.DateTimeField(db_default=Now())
    actor_kind = models.TextField()
    actor_id = models.TextField()
    actor_name = models.TextField()
    from_stage = models.TextField(null=True)
    to_stage = models.TextField()
    verdict = models.TextField()
    policy_hash = models.TextField()
    import_id = models.BigIntegerField(null=True)
    reason = models.TextField(db_default="")
    changes = models.JSONField(null=True)
    alerts = ArrayField(models.TextField(), null=True)
    told_user = models.TextField(null=True)
    told_role = models.TextField(null=True)

    class Meta:
        """Invariants and indexes."""

        indexes: ClassVar = [
            # events are added in the order of time, and so of imports: a few bytes a hundred pages find them
            BrinIndex(fields=["import_id"], pages_per_range=16, autosummarize=True, name="event_import"),
            models.Index(fields=["merchant", "-at"], condition=Q(alerts__isnull=False), name="event_alert"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(alerts__contained_by=list(ALERTS)), name="event_alerts_known"),
            models.CheckConstraint(condition=Q(kind__in=EVENT_KINDS), name="event_kind_known"),
            models.CheckConstraint(condition=Q(actor_kind__in=ACTOR_KINDS), name="event_actor_known"),
            models.CheckConstraint(
                condition=Q(to_stage__in=[v.id for v in STAGES])
                & (Q(from_stage__isnull=True) | Q(from_stage__in=[v.id for v in STAGES])),
                name="event_stages_known",
            ),
            models.CheckConstraint(
                condition=Q(version=1, from_stage__isnull=True) | Q(version__gt=1, from_stage__isnull=False),
                name="event_first_is_new",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk}"


class OrderImage(models.Model):
    """What an order was before its last import changed it: its row and its lines, for as long as that can be undone.

    A later import replaces it, and it is dropped after ``undo.IMAGE_DAYS``: it holds personal data.
    """

    order = models.OneToOneField(
        Order, on_delete=models.CASCADE, primary_key=True, related_name="image", db_constraint=False
    )
    import_id = models.BigIntegerField()
    at = models.DateTimeField(db_default=Now())
    row = models.JSONField()
    lines = models.JSONField()

    def __str__(self) -> str:
        return f"{self.pk}"


class Counter(models.Model):
    """A number of orders and their paid amount to be added up; the sum of all rows is what stands in the store.

    Rows are written by the triggers on orders, one for each group that a statement changed, so no writer can forget
    to count and no two writers wait for each other. ``actions.compact_counters`` folds them.
    """

    merchant_id = models.BigIntegerField()
    shop_id = models.BigIntegerField()
    channel = models.TextField()
    province = models.TextField(db_default="")
    stage = models.TextField()
    tier = models.TextField(db_default="")
    n = models.BigIntegerField()
    amount = models.BigIntegerField()

    class Meta:
        """Invariants and indexes."""

        indexes: ClassVar = [models.Index(fields=["merchant_id", "stage"], name="counter_merchant")]

    def __str__(self) -> str:
        return f"{self.stage} {self.n:+d}"


class ReasonCounter(models.Model):
    """A number of waiting orders with one reason to be added up, written by the same triggers as ``Counter``."""

    merchant_id = models.BigIntegerField()
    reason = models.TextField()
    n = models.BigIntegerField()

    class Meta:
        """Indexes."""

        indexes: ClassVar = [models.Index(fields=["merchant_id"], name="reason_counter_merchant")]

    def __str__(self) -> str:
        return f"{self.reason} {self.n:+d}"


class Flow(models.Model):
    """How many orders began to wait for us in a minute (``came``), and how many stopped waiting (``went``).

    Rows are to be added up, written by the same triggers as ``Counter``. An order released on arrival did both. What
    happened stays, so an order that comes back counts again.
    """

    merchant_id = models.BigIntegerField()
    at = models.DateTimeField()
    came = models.BigIntegerField()
    went = models.BigIntegerField()

    class Meta:
        """Indexes."""

        indexes: ClassVar = [models.Index(fields=["merchant_id", "at"], name="flow_merchant")]

    def __str__(self) -> str:
        return f"{self.at} +{self.came} -{self.went}"
