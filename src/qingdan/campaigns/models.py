"""Rows of a clean-up: which orders, who works where, what was seen at each checkpoint and what was done about it.

An order's state is never copied: how far a clean-up is, is a query over the very orders of ``Item``. What an item keeps
is how the order stood when it joined, for the comparison at the end.
"""

from typing import ClassVar, Final

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from qingdan.campaigns.kinds import KINDS
from qingdan.core.policy.model import OWNERS
from qingdan.orders.models import Merchant, Order
from qingdan.people.models import Calendar, Team, User

STATES: Final = ("planned", "running", "closed")
STEPS: Final = 4
"""Import, diagnose, tiers and rules, teams."""


class Campaign(models.Model):
    """A clean-up. ``filters`` found its orders and, while it ``grows``, find those that join.

    ``calendar`` holds for people who are in no team; ``forecast`` is what the last simulation said, ``opening`` what
    first come, first served would have come to at the start, ``report`` the close-out report once it is closed.
    """

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+", db_index=False)
    name = models.CharField(max_length=64)
    filters = models.JSONField(default=dict)
    query = models.CharField(max_length=2000, db_default="")
    grows = models.BooleanField(db_default=False)
    state = models.CharField(max_length=8, db_default="planned")
    step = models.SmallIntegerField(db_default=1)
    goal_at = models.DateTimeField()
    calendar = models.ForeignKey(Calendar, on_delete=models.SET_NULL, null=True, related_name="+")
    created_by = models.TextField()
    created_at = models.DateTimeField(db_default=Now())
    started_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    forecast = models.JSONField(null=True)
    opening = models.JSONField(null=True)
    report = models.JSONField(null=True)

    class Meta:
        """Invariants and indexes."""

        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(state__in=STATES), name="campaign_state_known"),
            models.CheckConstraint(condition=~Q(name=""), name="campaign_named"),
            models.CheckConstraint(condition=Q(step__gte=1, step__lte=STEPS), name="campaign_step_known"),
            models.CheckConstraint(
                condition=~Q(state="running") | Q(started_at__isnull=False), name="campaign_running_started"
            ),
            models.CheckConstraint(
                condition=Q(state="closed", closed_at__isnull=False) | ~Q(state="closed") & Q(closed_at__isnull=True),
                name="campaign_closed_at",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["merchant", "-id"], name="campaign_newest")]

    def __str__(self) -> str:
        return self.name


class Item(models.Model):
    """One order of a clean-up, and how it stood when it joined."""

    pk = models.CompositePrimaryKey("campaign_id", "order_id")
    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="items", db_index=False)
    order = models.ForeignKey(Order, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False)
    kind = models.CharField(max_length=16)
    stage = models.TextField()
    overdue = models.BooleanField()
    late = models.BooleanField()
    joined_at = models.DateTimeField()

    class Meta:
        """Invariants."""

        constraints: ClassVar = [models.CheckConstraint(condition=Q(kind__in=KINDS), name="item_kind_known")]

    def __str__(self) -> str:
        return f"{self.pk}"


class Lane(models.Model):
    """A group of people of a clean-up and the kinds of work it does; its orders belong to ``team``."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="lanes", db_index=False)
    letter = models.CharField(max_length=2)
    name = models.CharField(max_length=32)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+", db_index=False)
    kinds = ArrayField(models.CharField(max_length=16))

    class Meta:
        """Invariants."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["campaign", "letter"], name="lane_once"),
            models.CheckConstraint(condition=Q(kinds__contained_by=list(KINDS)), name="lane_kinds_known"),
        ]

    def __str__(self) -> str:
        return f"{self.letter} {self.name}"


class Seat(models.Model):
    """Who works where."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="seats", db_index=False)
    lane = models.ForeignKey(Lane, on_delete=models.CASCADE, related_name="seats")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta:
        """A person works in one lane."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["campaign", "user"], name="seat_once")]

    def __str__(self) -> str:
        return f"{self.lane_id} {self.user_id}"


class Checkpoint(models.Model):
    """What was seen at a moment: how far, how fast, until when, and which moves would help.

    ``pace`` is orders an hour of the people's working time since the checkpoint before; ``moves`` as ``planning``
    tells them; ``accepted`` the number of the one that was taken.
    """

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="checkpoints", db_index=False)
    at = models.DateTimeField()
    total = models.IntegerField()
    done = models.IntegerField()
    left = models.IntegerField()
    pace = models.FloatField(null=True)
    forecast = models.JSONField()
    moves = models.JSONField(default=list)
    accepted = models.SmallIntegerField(null=True)
    accepted_by = models.TextField(db_default="")
    accepted_at = models.DateTimeField(null=True)
    note = models.TextField(db_default="")
    note_by = models.TextField(db_default="")

    class Meta:
        """Once a moment."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["campaign", "at"], name="checkpoint_once")]

    def __str__(self) -> str:
        return f"{self.campaign_id} {self.at}"


class Authorisation(models.Model):
    """Until ``ends_at`` a role may decide orders of a kind up to an amount (fen, null for any) that are not its own."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="authorisations")
    role = models.CharField(max_length=16)
    kind = models.CharField(max_length=16)
    limit = models.BigIntegerField(null=True)
    ends_at = models.DateTimeField()
    given_by = models.TextField()
    given_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True)
    ended_by = models.TextField(db_default="")

    class Meta:
        """Invariants and indexes."""

        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(role__in=OWNERS), name="authorised_role_known"),
            models.CheckConstraint(condition=Q(kind__in=KINDS), name="authorised_kind_known"),
            models.CheckConstraint(condition=Q(limit__isnull=True) | Q(limit__gt=0), name="authorised_limit"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("given_at")), name="authorised_ends_later"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["ends_at"], condition=Q(ended_at__isnull=True), name="authorised_now")
        ]

    def __str__(self) -> str:
        return f"{self.role} {self.kind}"


class Prevention(models.Model):
    """What is to change so that the pile does not come back: by whom and by when."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="preventions")
    cause = models.CharField(max_length=200, db_default="")
    text = models.CharField(max_length=500)
    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    due = models.DateField()
    done_at = models.DateTimeField(null=True)

    class Meta:
        """Invariants."""

        constraints: ClassVar = [models.CheckConstraint(condition=~Q(text=""), name="prevention_said")]

    def __str__(self) -> str:
        return self.text


class Entry(models.Model):
    """A line of a clean-up's log; ``params`` fill the sentence of its ``kind``. Rows are only ever added."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="entries")
    kind = models.CharField(max_length=16)
    at = models.DateTimeField(db_default=Now())
    by_name = models.TextField(db_default="")
    params = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"{self.kind} {self.at}"


class Rehearsal(models.Model):
    """A past peak played through today's rules and roster; ``result`` as ``rehearsing`` tells it."""

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=64)
    first_day = models.DateField()
    last_day = models.DateField()
    play_day = models.DateField()
    scale = models.FloatField()
    result = models.JSONField()
    created_by = models.TextField()
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        """Invariants."""

        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(last_day__gte=F("first_day")), name="rehearsal_days"),
            models.CheckConstraint(condition=Q(scale__gt=0, scale__lte=20), name="rehearsal_scale"),
        ]

    def __str__(self) -> str:
        return self.name
