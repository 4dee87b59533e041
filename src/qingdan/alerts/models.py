"""Rows of alerts: what happened, where it is told, and what was sent.

An alert is open until what it tells of is over (``closed_at``); a person who acknowledges it stops its escalation.
Deliveries are moved only by ``claims``, by conditional updates that name the attempt.
"""

from typing import ClassVar, Final

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from qingdan.alerts.kinds import SEVERITIES
from qingdan.orders.models import Merchant
from qingdan.people.models import User

OUTLET_KINDS: Final = ("dingtalk", "feishu", "wecom", "mail")
STATES: Final = ("ready", "sending", "sent", "dropped")
OUTCOMES: Final = ("", "sent", "throttled", "refused", "unclear", "unreachable")


class Alert(models.Model):
    """One thing to tell, once: ``key`` is unique for the merchant.

    ``line`` holds its text in both languages, without personal data; ``path`` is the page that shows what it is
    about. ``step`` counts how far it was escalated, ``escalate_at`` is when the next step is due.
    """

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="alerts", db_index=False)
    kind = models.CharField(max_length=32)
    key = models.CharField(max_length=200)
    severity = models.CharField(max_length=8)
    line = models.JSONField()
    path = models.CharField(max_length=300, db_default="")
    role = models.CharField(max_length=16)
    tier = models.CharField(max_length=16, db_default="")
    order_id = models.BigIntegerField(null=True)
    opened_at = models.DateTimeField(db_default=Now())
    routed_at = models.DateTimeField(null=True)
    step = models.SmallIntegerField(db_default=0)
    escalate_at = models.DateTimeField(null=True)
    acked_at = models.DateTimeField(null=True)
    acked_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    acked_via = models.CharField(max_length=80, db_default="")
    closed_at = models.DateTimeField(null=True)

    class Meta:
        """Invariants and indexes."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["merchant", "key"], name="alert_once"),
            models.CheckConstraint(condition=Q(severity__in=SEVERITIES), name="alert_severity_known"),
            models.CheckConstraint(condition=~Q(key=""), name="alert_keyed"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["merchant", "-opened_at"], name="alert_newest"),
            models.Index(fields=["merchant", "kind"], condition=Q(closed_at__isnull=True), name="alert_open"),
            models.Index(fields=["id"], condition=Q(routed_at__isnull=True), name="alert_unrouted"),
            models.Index(
                fields=["escalate_at"],
                condition=Q(escalate_at__isnull=False, acked_at__isnull=True, closed_at__isnull=True),
                name="alert_escalates",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"


class Outlet(models.Model):
    """Where alerts leave to: a group robot or mail. The webhook address and the signing key are sealed.

    ``quiet`` are the hours (``22:00-08:00``) in which only urgent alerts leave, or none where ``quiet_urgent``.
    """

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="outlets", db_index=False)
    name = models.CharField(max_length=64)
    kind = models.CharField(max_length=16)
    url = models.BinaryField(null=True)
    secret = models.BinaryField(null=True)
    recipients = ArrayField(models.CharField(max_length=254), default=list)
    language = models.CharField(max_length=2, db_default="zh")
    quiet = models.CharField(max_length=11, db_default="")
    quiet_urgent = models.BooleanField(db_default=False)
    active = models.BooleanField(db_default=True)
    last_ok_at = models.DateTimeField(null=True)
    paused_until = models.DateTimeField(null=True)
    failures = models.IntegerField(db_default=0)
    trouble = models.CharField(max_length=200, db_default="")
    trouble_at = models.DateTimeField(null=True)

    class Meta:
        """Invariants."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["merchant", "name"], name="outlet_once"),
            models.CheckConstraint(condition=~Q(name=""), name="outlet_named"),
            models.CheckConstraint(condition=Q(kind__in=OUTLET_KINDS), name="outlet_kind_known"),
            models.CheckConstraint(condition=Q(language__in=("zh", "en")), name="outlet_language_known"),
        ]

    def __str__(self) -> str:
        return self.name


class Route(models.Model):
    """Which alerts go where: the first route by ``position`` that matches decides.

    Empty lists match all. ``steps`` are ``{"outlet": id or null, "role": owner role or "", "after": minutes}``, in
    the order of time: each tells those of the role who are on duty then, and is left out once somebody has
    acknowledged. An empty role is the alert's own, a null outlet means the page alone.
    """

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="alert_routes", db_index=False)
    position = models.IntegerField()
    kinds = ArrayField(models.CharField(max_length=32), default=list)
    tiers = ArrayField(models.CharField(max_length=16), default=list)
    roles = ArrayField(models.CharField(max_length=16), default=list)
    steps = models.JSONField(default=list)

    class Meta:
        """Invariants."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["merchant", "position"], name="alert_route_place"),
        ]

    def __str__(self) -> str:
        return f"{self.merchant_id} {self.position}"


class Message(models.Model):
    """One message to an outlet, written before it is sent: what the pace is counted by, and what its link names.

    ``ended_at`` is when the outlet answered. Until then, and for ever where the sender died, it counts for the pace as
    if it ended when its lease does.
    """

    outlet = models.ForeignKey(Outlet, on_delete=models.CASCADE, related_name="messages", db_index=False)
    began_at = models.DateTimeField()
    lease_until = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=16, db_default="")
    said = models.CharField(max_length=200, db_default="")
    alerts = models.IntegerField()

    class Meta:
        """Indexes."""

        indexes: ClassVar = [models.Index(fields=["outlet", "-began_at"], name="message_newest")]

    def __str__(self) -> str:
        return f"{self.outlet_id} {self.began_at:%Y-%m-%d %H:%M:%S}"


class Delivery(models.Model):
    """One alert to one outlet by one step of its route; without an outlet it is told in the page alone.

    ``people`` are the users who are called by name. ``again`` says that an earlier sender died over it, so that it
    may have arrived before: told twice is better than not at all.
    """

    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="deliveries", db_index=False)
    step = models.SmallIntegerField()
    outlet = models.ForeignKey(Outlet, on_delete=models.CASCADE, null=True, related_name="deliveries", db_index=False)
    people = ArrayField(models.BigIntegerField(), default=list)
    state = models.CharField(max_length=8)
    urgent = models.BooleanField(db_default=False)
    attempt = models.IntegerField(db_default=0)
    again = models.BooleanField(db_default=False)
    due_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    message = models.ForeignKey(Message, on_delete=models.SET_NULL, null=True, related_name="deliveries")

    class Meta:
        """Invariants and indexes."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["alert", "step"], name="delivery_once"),
            models.CheckConstraint(condition=Q(state__in=STATES), name="delivery_state_known"),
            models.CheckConstraint(
                condition=Q(state="sending", lease_until__isnull=False, outlet__isnull=False)
                | ~Q(state="sending") & Q(lease_until__isnull=True),
                name="delivery_sending_leased",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["outlet", "due_at"], condition=Q(state="ready"), name="delivery_ready"),
            models.Index(fields=["lease_until"], condition=Q(state="sending"), name="delivery_sending"),
        ]

    def __str__(self) -> str:
        return f"{self.alert_id}-{self.step} {self.state}"


class Reach(models.Model):
    """How a colleague is called by name in a robot's group, or her mail address."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="reaches", db_index=False)
    kind = models.CharField(max_length=16)
    value = models.CharField(max_length=254)

    class Meta:
        """One a kind."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "kind"], name="reach_once"),
            models.CheckConstraint(condition=Q(kind__in=OUTLET_KINDS), name="reach_kind_known"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.kind}"


class Level(models.Model):
    """How many orders waited at a moment, every few minutes: what the growth of the backlog is seen by."""

    merchant = models.ForeignKey(Merchant, on_delete=models.CASCADE, related_name="+", db_index=False)
    at = models.DateTimeField()
    waiting = models.IntegerField()

    class Meta:
        """One row a moment."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["merchant", "at"], name="level_once")]

    def __str__(self) -> str:
        return f"{self.merchant_id} {self.waiting}"
