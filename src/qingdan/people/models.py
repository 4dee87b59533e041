"""Rows about people: users, failed logins, saved views; teams, their calendars and rosters."""

from typing import ClassVar, Final

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower, Now

from qingdan.core.policy.model import OWNERS
from qingdan.people.rights import Right, Role, rights_of


class UserManager(BaseUserManager["User"]):
    """Users by login; people are created by ``people.actions``."""

    def get_by_natural_key(self, username: str | None) -> "User":
        """Find a user by login in any letter case, as Django's login backend asks."""
        return self.get(login=(username or "").strip().lower())


class User(AbstractBaseUser):
    """One person of one merchant's team.

    ``is_staff`` is for the engineer who runs the installation: with the right ``users.manage`` it opens the admin
    site, which shows every merchant's users.
    """

    login = models.CharField("登录名 login", max_length=64, unique=True)
    name = models.CharField("姓名 name", max_length=64)
    merchant = models.ForeignKey("orders.Merchant", on_delete=models.PROTECT, related_name="users")
    roles = ArrayField(models.CharField(max_length=16), verbose_name="角色 roles")
    is_active = models.BooleanField("在用 active", default=True)
    is_staff = models.BooleanField("可进后台 may open the admin site", default=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "login"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        """Constraints that hold whatever code writes."""

        verbose_name = "用户 user"
        verbose_name_plural = "用户 users"
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(login=Lower("login")), name="user_login_lower"),
            models.CheckConstraint(
                condition=models.Q(roles__contained_by=[r.value for r in Role]), name="user_roles_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.login})"

    @property
    def rights(self) -> frozenset[Right]:
        """What this person may do."""
        return rights_of(self.roles)

    def has_perm(self, perm: str, obj: object = None) -> bool:  # noqa: ARG002 - Django's admin calls it so
        """Whether the admin site lets this person do something there; it knows all or nothing."""
        return self.is_active and self.is_staff and Right.USERS_MANAGE in self.rights

    def has_module_perms(self, app_label: str) -> bool:
        """Whether the admin site shows an app to this person."""
        return self.has_perm(app_label)

    def get_short_name(self) -> str:
        """Name, as the admin site shows it."""
        return self.name


class LoginAttempts(models.Model):
    """Attempts to log in with one login from one address since the last success; see ``actions.log_in``."""

    login = models.CharField(max_length=64)
    address = models.CharField(max_length=45)
    count = models.IntegerField()
    last_at = models.DateTimeField()

    class Meta:
        """One row a pair."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["login", "address"], name="login_attempts_pair")]

    def __str__(self) -> str:
        return f"{self.login} {self.address}"


class SavedView(models.Model):
    """A named set of order filters, as the query part of the orders page's address."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="views")
    name = models.CharField(max_length=64)
    query = models.CharField(max_length=2000)
    shared = models.BooleanField()
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        """A person's views have different names."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["user", "name"], name="saved_view_name")]

    def __str__(self) -> str:
        return self.name


class ReadMark(models.Model):
    """How far a person has read her notices: all before ``upto``, and those of ``seen`` (``order:version``) after it.

    ``upto`` lies some minutes back, as what an import tells becomes visible only when its transaction ends.
    """

    user = models.OneToOneField(User, on_delete=models.CASCADE, primary_key=True, related_name="read_mark")
    upto = models.DateTimeField()
    seen = ArrayField(models.TextField(), default=list)

    def __str__(self) -> str:
        return f"{self.user_id} {self.upto}"


class Access(models.Model):
    """One look at personal data or one export: who, when, which orders, why. Rows are only ever added.

    It stands beside the order's events and not among them: looking changes nothing, and must not make a colleague's
    next decision look outdated. Its columns are those that platforms ask for in their order-access logs.
    """

    class Operation(models.TextChoices):
        """What was done."""

        UNMASK = "unmask"
        EXPORT = "export"

    merchant = models.ForeignKey("orders.Merchant", on_delete=models.PROTECT, related_name="+")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    operation = models.CharField(max_length=16)
    order = models.ForeignKey("orders.Order", on_delete=models.PROTECT, null=True, related_name="accesses")
    reason = models.CharField(max_length=500, db_default="")
    details = models.JSONField(db_default={})
    address = models.CharField(max_length=45)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        """An unmasking names its order."""

        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(operation__in=["unmask", "export"]), name="access_operation_known"
            ),
            models.CheckConstraint(
                condition=~models.Q(operation="unmask") | models.Q(order__isnull=False),
                name="access_unmask_names_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.operation} {self.user_id}"


LEAVES: Final = ("annual", "sick", "personal", "training", "other")
MOST_CAP: Final = 1000


def usual_week() -> list[list[str]]:
    """Return seven days of the hours that a shop's customer service usually keeps."""
    return [["09:00-12:00", "13:00-18:00"] for _ in range(7)]


class Calendar(models.Model):
    """When a team works, as ``core.worktime.WorkCalendar`` reads it.

    ``week`` holds the shifts of Monday to Sunday as texts, ``09:00-12:00``; ``own_days`` those of single days, by ISO
    date, an empty list for a day off.
    """

    merchant = models.ForeignKey("orders.Merchant", on_delete=models.PROTECT, related_name="calendars", db_index=False)
    name = models.CharField(max_length=64)
    week = models.JSONField(default=usual_week)
    works_holidays = models.BooleanField(db_default=False)
    make_up_like = models.SmallIntegerField(db_default=0)
    own_days = models.JSONField(default=dict)

    class Meta:
        """Invariants."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["merchant", "name"], name="calendar_once"),
            models.CheckConstraint(condition=~Q(name=""), name="calendar_named"),
            models.CheckConstraint(condition=Q(make_up_like__gte=0, make_up_like__lte=6), name="calendar_make_up"),
        ]

    def __str__(self) -> str:
        return self.name


class Team(models.Model):
    """People who answer for the orders of one owner role, under one calendar; ``lead`` is who is told next."""

    merchant = models.ForeignKey("orders.Merchant", on_delete=models.PROTECT, related_name="teams", db_index=False)
    name = models.CharField(max_length=64)
    role = models.CharField(max_length=16)
    calendar = models.ForeignKey(Calendar, on_delete=models.PROTECT, related_name="teams")
    lead = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    active = models.BooleanField(db_default=True)

    class Meta:
        """Invariants."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["merchant", "name"], name="team_once"),
            models.CheckConstraint(condition=~Q(name=""), name="team_named"),
            models.CheckConstraint(condition=Q(role__in=OWNERS), name="team_role_known"),
        ]

    def __str__(self) -> str:
        return self.name


class Member(models.Model):
    """A person in a team: what she can take and how much at a time.

    ``skills`` are texts ``kind:value`` such as ``channel:jd`` or ``reason:address_unclear``. A person with no skill of
    a kind takes every value of it. ``cap`` is how many orders she may have in hand.
    """

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="members", db_index=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    skills = ArrayField(models.CharField(max_length=64), default=list)
    cap = models.IntegerField(db_default=30)

    class Meta:
        """Invariants."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["team", "user"], name="member_once"),
            models.CheckConstraint(condition=Q(cap__gte=0, cap__lte=MOST_CAP), name="member_cap"),
        ]

    def __str__(self) -> str:
        return f"{self.team_id} {self.user_id}"


class Shift(models.Model):
    """A named shift that the roster is put together from; ``spans`` as in ``Calendar.week``, none for a day off."""

    merchant = models.ForeignKey("orders.Merchant", on_delete=models.PROTECT, related_name="shifts", db_index=False)
    name = models.CharField(max_length=32)
    spans = ArrayField(models.CharField(max_length=11), default=list)

    class Meta:
        """Invariants."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["merchant", "name"], name="shift_once"),
            models.CheckConstraint(condition=~Q(name=""), name="shift_named"),
        ]

    def __str__(self) -> str:
        return self.name


class Duty(models.Model):
    """What the roster says of a member's day; without a row the team's calendar holds.

    The shift's spans are copied, so that changing a shift does not change days that are past.
    """

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="duties", db_index=False)
    day = models.DateField()
    shift = models.ForeignKey(Shift, on_delete=models.SET_NULL, null=True, related_name="+")
    spans = ArrayField(models.CharField(max_length=11), default=list)

    class Meta:
        """One row a day."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["member", "day"], name="duty_once")]

    def __str__(self) -> str:
        return f"{self.member_id} {self.day}"


class Leave(models.Model):
    """Hours that a person is away, in whatever team; ``returned_at`` is when her work went back to the pool."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="leaves", db_index=False)
    begins_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    kind = models.CharField(max_length=16)
    note = models.CharField(max_length=200, db_default="")
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    made_at = models.DateTimeField(db_default=Now())
    returned_at = models.DateTimeField(null=True)

    class Meta:
        """Invariants and indexes."""

        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("begins_at")), name="leave_ends_later"),
            models.CheckConstraint(condition=Q(kind__in=LEAVES), name="leave_kind_known"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["user", "ends_at"], name="leave_of_user"),
            models.Index(fields=["begins_at"], condition=Q(returned_at__isnull=True), name="leave_open"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.begins_at:%Y-%m-%d}"
