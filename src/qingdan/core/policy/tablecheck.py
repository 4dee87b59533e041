"""Save-time checks of decision tables."""

from dataclasses import dataclass

from qingdan.core.message import Message
from qingdan.core.policy.model import Policy, Table


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong with row ``row`` (from 0) of a table."""

    row: int
    said: Message
    warning: bool = False


def check_tiers(policy: Policy) -> list[Finding]:
    """Findings of the tier table."""
    return []


def check_table(policy: Policy, table: Table) -> list[Finding]:
    """Findings of one further table."""
    return []
