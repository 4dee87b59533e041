"""Rows about imports. The import's row is the truth; a job in the queue is only a wake-up."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import MD5, Now

from qingdan.orders.models import Merchant


class State(models.TextChoices):
    """Where an import stands."""

    QUEUED = "queued", "排队中"
    READING = "reading", "读取中"
    STORING = "storing", "入库中"
    DONE = "done", "已完成"
    FAILED = "failed", "失败"
    CANCELLED = "cancelled", "已取消"
    UNDONE = "undone", "已撤销"


RUNNING = (State.READING, State.STORING)
ENDED = (State.DONE, State.FAILED, State.CANCELLED, State.UNDONE)


class Import(models.Model):
    """One drop of files.

    A worker holds it by ``attempt`` until ``lease_until``, by the database's clock; one whose attempt has passed
    can write nothing more here. ``lapses`` counts the workers in a row that fell silent over it without having
    stored anything. ``usual`` keeps what the shops' usual amounts were at the first attempt, so that a second one
    decides alike. ``progress``: phase, file, files_done, files, rows, share, orders_done, orders. ``totals``: what the
    command line prints. ``notices`` and ``error`` hold id, zh, en, advice_zh, advice_en; notices also file.
    ``undone``: by, removed, restored.
    """

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+", db_index=False)
    state = models.TextField(choices=State.choices, db_default=State.QUEUED)
    shop = models.TextField(null=True)  # noqa: DJ001 - null: the files' own shop columns count
    as_of = models.DateTimeField()
    policy_hash = models.TextField(db_default="")
    actor_kind = models.TextField()
    actor_id = models.TextField()
    actor_name = models.TextField()
    attempt = models.IntegerField(db_default=0)
    lapses = models.IntegerField(db_default=0)
    lease_until = models.DateTimeField(null=True)
    cancel_asked = models.BooleanField(db_default=False)
    usual = models.JSONField(null=True)
    progress = models.JSONField(default=dict)
    orders = models.BigIntegerField(db_default=0)
    new = models.BigIntegerField(db_default=0)
    changed = models.BigIntegerField(db_default=0)
    outdated = models.BigIntegerField(db_default=0)
    refused = models.BigIntegerField(db_default=0)
    totals = models.JSONField(default=dict)
    notices = models.JSONField(default=list)
    error = models.JSONField(null=True)
    created_at = models.DateTimeField(db_default=Now())
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)
    undone = models.JSONField(null=True)

    class Meta:
        """Invariants and indexes."""

        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(state__in=State.values), name="import_state_known"),
            models.CheckConstraint(
                condition=~Q(state__in=RUNNING) | Q(lease_until__isnull=False), name="import_running_leased"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["merchant", "-id"], name="import_newest"),
            models.Index(fields=["id"], condition=~Q(state__in=ENDED), name="import_open"),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.state}"

    @property
    def unchanged(self) -> int:
        """Orders that the store held just so, once the import is done."""
        return self.orders - self.new - self.changed

    @property
    def seconds(self) -> float | None:
        """How long it took from its first start to its end."""
        if self.started_at is None or self.finished_at is None:
            return None
        return (self.finished_at - self.started_at).total_seconds()


class ImportFile(models.Model):
    """One uploaded file; its bytes lie under ``UPLOADS/sha256``. ``reports`` has one entry a sheet that was read."""

    drop = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="files")
    position = models.IntegerField()
    name = models.TextField()
    sha256 = models.TextField()
    size = models.BigIntegerField()
    reports = models.JSONField(default=list)

    class Meta:
        """Invariants."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["drop", "position"], name="import_file_once")]

    def __str__(self) -> str:
        return self.name


class ImportRefusal(models.Model):
    """A row of a file that became no order: where it is, what stood there, why, and what to do.

    ``value`` is masked. ``raw`` is the whole row in clear (``refusals.SCHEMA``), for as long as the upload is kept.
    """

    drop = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="refusals")
    file = models.TextField()
    sheet = models.TextField(null=True)  # noqa: DJ001 - a CSV file has no sheets
    row = models.BigIntegerField(null=True)
    column = models.TextField(null=True)  # noqa: DJ001 - the whole row is meant
    value = models.TextField(null=True)  # noqa: DJ001 - nothing stood there
    reason = models.TextField()
    zh = models.TextField()
    en = models.TextField()
    advice_zh = models.TextField()
    advice_en = models.TextField()
    raw = models.JSONField(null=True)

    def __str__(self) -> str:
        return f"{self.file}:{self.row}"


class Undoing(models.Model):
    """The undoing of an import that a person asked for; the queue's job is only a wake-up.

    The undoing itself is one transaction over the import's orders, so how far it is stands here, in a row that the
    transaction does not touch: ``step`` of ``undoing.STEPS``. ``error`` holds why it was refused.
    """

    drop = models.OneToOneField(Import, on_delete=models.CASCADE, primary_key=True, related_name="undoing")
    actor_id = models.TextField()
    actor_name = models.TextField()
    step = models.IntegerField(db_default=0)
    error = models.JSONField(null=True)
    asked_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.pk}"


class ImportPasswords(models.Model):
    """Passwords for the protected files of an import, sealed (see ``unlocking``) and wiped once they were used."""

    drop = models.OneToOneField(Import, on_delete=models.CASCADE, primary_key=True, related_name="+")
    sealed = models.BinaryField()
    given_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"{self.pk}"


class SavedMapping(models.Model):
    """How one table of the team's own is read: ``body`` has the form of ``channels/<platform>/mapping.yaml``.

    ``signature`` are the normalised headers that the table is recognised by, sorted and joined; a header is read in
    one way only.
    """

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+", db_index=False)
    name = models.TextField()
    signature = models.TextField()
    body = models.JSONField()
    actor_kind = models.TextField()
    actor_id = models.TextField()
    actor_name = models.TextField()
    created_at = models.DateTimeField(db_default=Now())
    changed_at = models.DateTimeField(db_default=Now())

    class Meta:
        """Invariants."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["merchant", "name"], name="mapping_name_once"),
            models.UniqueConstraint("merchant", MD5("signature"), name="mapping_header_once"),
        ]

    def __str__(self) -> str:
        return self.name


class TaughtWord(models.Model):
    """What a word of a platform means to the team; ``column`` is a column of words, ``value`` its catalogue value."""

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+", db_index=False)
    channel = models.TextField()
    column = models.TextField()
    word = models.TextField()
    value = models.TextField()
    actor_kind = models.TextField()
    actor_id = models.TextField()
    actor_name = models.TextField()
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        """Invariants."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["merchant", "channel", "column", "word"], name="taught_word_once"),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.word}"


class MappingCheck(models.Model):
    """A look at a whole large file through a mapping that is not saved yet; the queue's job is only a wake-up.

    ``inner`` names the table within an archive.
    """

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+", db_index=False)
    drop = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="+")
    position = models.IntegerField()
    inner = models.TextField(db_default="")
    draft = models.JSONField()
    state = models.TextField(db_default="queued")
    progress = models.FloatField(db_default=0.0)
    result = models.JSONField(null=True)
    error = models.JSONField(null=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        """Invariants."""

        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(state__in=["queued", "running", "done", "failed"]), name="mapping_check_state_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.state}"
