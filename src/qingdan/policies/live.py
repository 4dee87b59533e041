"""The policy versions that the screens need: the live one, and the one that decided an order."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from importlib.resources import files

from qingdan.core.policy import Compiled, compile_policy, load_policy


@dataclass(frozen=True, slots=True)
class Version:
    """A policy version ready to decide, and since when it does."""

    compiled: Compiled
    since: datetime | None


@lru_cache(maxsize=64)
def _compiled(text: str) -> Compiled:
    return compile_policy(load_policy(text))


def live_version(merchant_id: int) -> Version:
    """Return the merchant's live policy."""
    text = files("qingdan").joinpath("data/policies/starter.yaml").read_text(encoding="utf-8")
    return Version(_compiled(text), None)


def compiled(merchant_id: int, policy_hash: str) -> Compiled | None:
    """Return one of the merchant's policy versions by its hash; None when it is not known."""
    version = live_version(merchant_id).compiled
    return version if version.policy.hash == policy_hash else None
