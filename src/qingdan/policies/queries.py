"""Reads of policy versions."""

from datetime import datetime
from functools import lru_cache
from importlib.resources import files

from django.db.models import QuerySet

from qingdan.core.policy import Compiled, compile_policy, load_policy
from qingdan.policies.models import PolicyVersion, Publication


def starter_text() -> str:
    """Return the policy that a new merchant begins with."""
    return files("qingdan").joinpath("data/policies/starter.yaml").read_text(encoding="utf-8")


def history(merchant: int) -> QuerySet[Publication]:
    """Return a merchant's publications, newest first, with their versions."""
    return Publication.objects.filter(merchant_id=merchant).select_related("version").order_by("-id")


def live(merchant: int) -> PolicyVersion | None:
    """Return the version that decides a merchant's orders now; None before the first is published."""
    newest = history(merchant).first()
    return newest.version if newest else None


def live_source(merchant: int) -> str:
    """Return the text of a merchant's live policy; the starter policy before the first is published."""
    newest = live(merchant)
    return newest.source if newest else starter_text()


def live_since(merchant: int) -> datetime | None:
    """Return since when the live version has been live."""
    newest = history(merchant).first()
    return newest.at if newest else None


def version(merchant: int, policy_hash: str) -> PolicyVersion | None:
    """Return one of a merchant's versions by its hash."""
    return PolicyVersion.objects.filter(merchant_id=merchant, hash=policy_hash).first()


@lru_cache(maxsize=64)
def compiled(source: str) -> Compiled:
    """Return a version's source ready to decide; compiled once a process."""
    return compile_policy(load_policy(source))
