"""Versions of a merchant's review policy, by what they decide, and the history of which one was live."""

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
