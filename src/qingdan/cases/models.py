# ruff: noqa: DJ001 - null means that there is none, which an empty text does not say
"""Rows of the room: cases, what was done about them, the SOPs they follow, contacts, comments, links.

An order has at most one case of a type; a problem that comes back opens the same case again, which is counted. What
happened to a case stands in ``CaseEvent`` and ``StepLog``; both are only added to.
"""

from datetime import timedelta
from typing import ClassVar, Final

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

STATES: Final = ("open", "waiting", "approval", "closed")
OUTCOMES: Final = ("solved", "left", "unfounded", "unreachable")
"""How a case ended: by people, because its order left, because there was no problem, because nobody was reached."""
EVENTS: Final = (
    "opened", "reopened", "left", "taken", "assigned", "waiting", "resumed", "cause", "step", "asked", "approved",
    "refused", "closed", "corrected", "link",
)  # fmt: skip
CLOCKS: Final = ("respond", "resolve", "cause")
CHANNELS: Final = ("call", "sms", "chat", "link")
RESULTS: Final = ("reached", "no_answer", "refused", "wrong_number", "sent", "callback")
IN_VAIN: Final = ("no_answer", "wrong_number", "sent")
"""Results of a try that did not reach the buyer."""
OUT_OF_REACH: Final = timedelta(days=7)
"""So long after the first try without reaching the buyer, archiving the order is proposed."""


class Cause(models.Model):
    """A root cause that a case may have; ``types`` names the case types it is offered for, none for all."""

    merchant = models.ForeignKey("orders.Merchant", on_delete=models.PROTECT, related_name="+", db_index=False)
    key = models.TextField()
    zh = models.TextField()
    en = models.TextField()
    types = ArrayField(models.TextField(), default=list)
    active = models.BooleanField(db_default=True)

    class Meta:
        """Invariants."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["merchant", "key"], name="cause_once"),
            models.CheckConstraint(condition=~Q(zh=""), name="cause_named"),
        ]

    def __str__(self) -> str:
        return self.zh


class ReasonType(models.Model):
    """The type of case that a review rule of the merchant's own leads to, or another than the types' data say."""

    merchant = models.ForeignKey("orders.Merchant", on_delete=models.PROTECT, related_name="+", db_index=False)
    reason = models.TextField()
    type = models.TextField()

    class Meta:
        """Invariants."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["merchant", "reason"], name="reason_type_once")]

    def __str__(self) -> str:
        return f"{self.reason} {self.type}"


class Sop(models.Model):
    """One version of the steps of a case type; never edited. The live one is given to cases that open."""

    merchant = models.ForeignKey("orders.Merchant", on_delete=models.PROTECT, related_name="+", db_index=False)
    type = models.TextField()
    version = models.IntegerField()
    source = models.TextField()
    first_step = models.TextField()
    live = models.BooleanField(db_default=False)
    note = models.TextField(db_default="")
    created_by = models.TextField(db_default="")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        """Invariants."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["merchant", "type", "version"], name="sop_version_once"),
            models.UniqueConstraint(fields=["merchant", "type"], condition=Q(live=True), name="sop_one_live"),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.version}"


class Case(models.Model):
    """One problem of one order, until it is solved or its order leaves.

    ``wanted`` says that the order has this problem now, ``by_hand`` that a person said so. ``phases`` is the life of
    its clocks: ``[µs since 1970, owner role]``, null for the role while the customer is waited for. A due moment is
    null while its clock stands still. ``version`` counts changes; ``touched`` says that a person has acted.
    """

    merchant = models.ForeignKey("orders.Merchant", on_delete=models.PROTECT, related_name="+", db_index=False)
    order = models.ForeignKey(
        "orders.Order", on_delete=models.CASCADE, related_name="cases", db_constraint=False, db_index=False
    )
    type = models.TextField()
    state = models.TextField(db_default="open")
    version = models.IntegerField(db_default=1)
    wanted = models.BooleanField(db_default=True)
    by_hand = models.BooleanField(db_default=False)
    touched = models.BooleanField(db_default=False)
    owner_role = models.TextField()
    owner = models.ForeignKey("people.User", on_delete=models.SET_NULL, null=True, related_name="+")
    difficulty = models.SmallIntegerField()
    sop = models.ForeignKey(Sop, on_delete=models.PROTECT, related_name="+", db_index=False)
    step = models.TextField(null=True)
    step_since = models.DateTimeField()
    opened_at = models.DateTimeField()
    reopened = models.IntegerField(db_default=0)
    closed_at = models.DateTimeField(null=True)
    outcome = models.TextField(null=True)
    cause = models.ForeignKey(Cause, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    cause_at = models.DateTimeField(null=True)
    responded_at = models.DateTimeField(null=True)
    wait_until = models.DateTimeField(null=True)
    phases = models.JSONField(default=list)
    respond_due = models.DateTimeField(null=True)
    resolve_due = models.DateTimeField(null=True)
    cause_due = models.DateTimeField(null=True)
    changed_at = models.DateTimeField(db_default=Now())

    class Meta:
        """Invariants and indexes."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["order", "type"], name="case_once"),
            models.CheckConstraint(condition=Q(state__in=STATES), name="case_state_known"),
            models.CheckConstraint(
                condition=Q(state="closed", closed_at__isnull=False, outcome__in=OUTCOMES)
                | ~Q(state="closed") & Q(closed_at__isnull=True, outcome__isnull=True),
                name="case_closed_somehow",
            ),
            models.CheckConstraint(
                condition=Q(cause__isnull=True, cause_at__isnull=True) | Q(cause__isnull=False, cause_at__isnull=False),
                name="case_cause_at",
            ),
            models.CheckConstraint(condition=Q(wait_until__isnull=True) | Q(state="waiting"), name="case_waits_until"),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["merchant", "owner_role", "resolve_due"], condition=~Q(state="closed"), name="case_open"
            ),
            models.Index(fields=["merchant", "order"], condition=Q(wanted=True), name="case_wanted"),
            models.Index(fields=["merchant", "-closed_at"], condition=Q(state="closed"), name="case_closed"),
            models.Index(fields=["wait_until"], condition=Q(state="waiting"), name="case_waiting"),
        ]

    def __str__(self) -> str:
        return f"{self.order_id} {self.type}"


class CaseEvent(models.Model):
    """What happened to a case: when, by whom, and with what."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="events")
    kind = models.TextField()
    at = models.DateTimeField(db_default=Now())
    actor_kind = models.TextField()
    actor_id = models.TextField()
    actor_name = models.TextField()
    note = models.TextField(db_default="")
    data = models.JSONField(default=dict)

    class Meta:
        """Invariants."""

        constraints: ClassVar = [models.CheckConstraint(condition=Q(kind__in=EVENTS), name="case_event_known")]

    def __str__(self) -> str:
        return f"{self.case_id} {self.kind}"


class StepLog(models.Model):
    """A step that was done or skipped: who, when, and how long it took since the step before.

    ``seconds`` is time by the wall, ``worked_seconds`` the team's working time in it without waiting for the
    customer. ``round`` counts the case's lives from 0.
    """

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="steps")
    round = models.IntegerField()
    step = models.TextField()
    choice = models.TextField(null=True)
    skipped = models.BooleanField(db_default=False)
    began_at = models.DateTimeField()
    at = models.DateTimeField()
    seconds = models.IntegerField()
    worked_seconds = models.IntegerField()
    actor_id = models.TextField()
    actor_name = models.TextField()
    note = models.TextField(db_default="")

    class Meta:
        """Order of time."""

        ordering: ClassVar = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.case_id} {self.step}"


class Approval(models.Model):
    """A step that waits for others to say yes: ``path`` are the roles in their order, ``given`` who said yes so far."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="approvals")
    step = models.TextField()
    choice = models.TextField()
    path = ArrayField(models.TextField())
    given = models.JSONField(default=list)
    note = models.TextField(db_default="")
    state = models.TextField(db_default="asked")
    asked_by = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+", db_index=False)
    asked_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        """Invariants: one question at a time."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["case"], condition=Q(state="asked"), name="approval_one_asked"),
            models.CheckConstraint(
                condition=Q(state__in=["asked", "given", "refused", "withdrawn"]), name="approval_state_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.step}"


class Alarm(models.Model):
    """A clock that ran out, once for each life of the case; ``late_at`` is when."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="alarms")
    clock = models.TextField()
    round = models.IntegerField()
    late_at = models.DateTimeField()
    at = models.DateTimeField(db_default=Now())

    class Meta:
        """Invariants: each alarm once."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["case", "clock", "round"], name="alarm_once"),
            models.CheckConstraint(condition=Q(clock__in=CLOCKS), name="alarm_clock_known"),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.clock}"


class Contact(models.Model):
    """One try to reach the buyer of an order: how, what came of it, and when to try again."""

    merchant = models.ForeignKey("orders.Merchant", on_delete=models.PROTECT, related_name="+", db_index=False)
    order = models.ForeignKey("orders.Order", on_delete=models.CASCADE, related_name="contacts", db_constraint=False)
    case = models.ForeignKey(Case, on_delete=models.SET_NULL, null=True, related_name="contacts")
    channel = models.TextField()
    result = models.TextField()
    note = models.TextField(db_default="")
    next_try_at = models.DateTimeField(null=True)
    by = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()

    class Meta:
        """Invariants and indexes."""

        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(channel__in=CHANNELS), name="contact_channel_known"),
            models.CheckConstraint(condition=Q(result__in=RESULTS), name="contact_result_known"),
        ]
        indexes: ClassVar = [models.Index(fields=["merchant", "next_try_at"], name="contact_next")]

    def __str__(self) -> str:
        return f"{self.order_id} {self.channel} {self.result}"


class MessageTemplate(models.Model):
    """A message to buyers with ``{places}``; see ``templates`` for what the places are filled with."""

    merchant = models.ForeignKey("orders.Merchant", on_delete=models.PROTECT, related_name="+", db_index=False)
    name = models.TextField()
    channel = models.TextField()
    types = ArrayField(models.TextField(), default=list)
    text = models.TextField()
    active = models.BooleanField(db_default=True)

    class Meta:
        """Invariants."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["merchant", "name"], name="message_template_once"),
            models.CheckConstraint(condition=Q(channel__in=CHANNELS), name="message_template_channel"),
        ]

    def __str__(self) -> str:
        return self.name


class Comment(models.Model):
    """What a person says about an order to colleagues; ``mentions`` are the ids of those who are told."""

    merchant = models.ForeignKey("orders.Merchant", on_delete=models.PROTECT, related_name="+", db_index=False)
    order = models.ForeignKey("orders.Order", on_delete=models.CASCADE, related_name="comments", db_constraint=False)
    case = models.ForeignKey(Case, on_delete=models.SET_NULL, null=True, related_name="+")
    text = models.TextField()
    mentions = ArrayField(models.BigIntegerField(), default=list)
    by = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"{self.order_id} {self.pk}"


class Attachment(models.Model):
    """A file kept with an order: its bytes lie under their hash in the data directory."""

    merchant = models.ForeignKey("orders.Merchant", on_delete=models.PROTECT, related_name="+", db_index=False)
    order = models.ForeignKey("orders.Order", on_delete=models.CASCADE, related_name="attachments", db_constraint=False)
    comment = models.ForeignKey(Comment, on_delete=models.SET_NULL, null=True, related_name="attachments")
    name = models.TextField()
    kind = models.TextField()
    size = models.IntegerField()
    sha256 = models.TextField()
    by = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return self.name


class Notice(models.Model):
    """One thing a person is told: somebody mentioned her, asks her approval, gave her a case, or a clock ran out."""

    user = models.ForeignKey("people.User", on_delete=models.CASCADE, related_name="+", db_index=False)
    kind = models.TextField()
    order = models.ForeignKey("orders.Order", on_delete=models.CASCADE, related_name="+", db_constraint=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, null=True, related_name="+")
    text = models.TextField(db_default="")
    by = models.TextField(db_default="")
    at = models.DateTimeField(db_default=Now())
    read_at = models.DateTimeField(null=True)

    class Meta:
        """Invariants and indexes."""

        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(kind__in=["mention", "approval", "approved", "refused", "assigned", "late", "address"]),
                name="case_notice_kind_known",
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["user", "-at"], condition=Q(read_at__isnull=True), name="case_notice_unread")
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.kind}"


class Correction(models.Model):
    """That somebody put an order's receiver right, and what the platform had said.

    ``told`` is the receiver as the platform last told it when it was put right; an import that says the same again
    changes nothing. ``heard`` is what the platform said differently since, until a person chooses.
    """

    order = models.OneToOneField(
        "orders.Order", on_delete=models.CASCADE, primary_key=True, related_name="correction", db_constraint=False
    )
    merchant = models.ForeignKey("orders.Merchant", on_delete=models.PROTECT, related_name="+", db_index=False)
    told = models.JSONField()
    heard = models.JSONField(null=True)
    heard_at = models.DateTimeField(null=True)
    at = models.DateTimeField()
    by = models.TextField()

    class Meta:
        """Indexes."""

        indexes: ClassVar = [models.Index(fields=["merchant"], name="correction_merchant")]

    def __str__(self) -> str:
        return f"{self.order_id}"


class Link(models.Model):
    """A link with which a buyer completes the address of one order; the database knows only a hash of its token.

    ``given`` is what the buyer wrote where it must be looked at by a person first.
    """

    merchant = models.ForeignKey("orders.Merchant", on_delete=models.PROTECT, related_name="+", db_index=False)
    order = models.ForeignKey(
        "orders.Order", on_delete=models.CASCADE, related_name="address_links", db_constraint=False
    )
    case = models.ForeignKey(Case, on_delete=models.SET_NULL, null=True, related_name="+")
    digest = models.BinaryField(unique=True, max_length=32)
    made_by = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+", db_index=False)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    opened = models.IntegerField(db_default=0)
    tries = models.IntegerField(db_default=0)
    used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    given = models.JSONField(null=True)

    def __str__(self) -> str:
        return f"{self.order_id} {self.pk}"


class Knock(models.Model):
    """How often a link, or an address of the network, was heard of in its present minute; see ``links``."""

    address = models.CharField(max_length=45, primary_key=True)
    since = models.DateTimeField()
    count = models.IntegerField()

    def __str__(self) -> str:
        return self.address


class Macro(models.Model):
    """Several changes in one step: ``body`` as ``macros.read`` understands it."""

    merchant = models.ForeignKey("orders.Merchant", on_delete=models.PROTECT, related_name="+", db_index=False)
    name = models.TextField()
    body = models.JSONField()
    created_by = models.TextField()
    changed_at = models.DateTimeField(db_default=Now())

    class Meta:
        """Invariants."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["merchant", "name"], name="macro_once")]

    def __str__(self) -> str:
        return self.name
