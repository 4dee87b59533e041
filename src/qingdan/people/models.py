"""Rows about people: users, failed logins, saved views."""

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Lower, Now

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
