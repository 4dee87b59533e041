"""Rows about policies: versions and their proof, and what people see in what they released."""

from qingdan.policies.models.looks import Audit, AuditSetting, Notice, Snooze, Suggestion
from qingdan.policies.models.versions import (
    Act,
    Application,
    Backtest,
    Draft,
    Judged,
    PolicyVersion,
    Publication,
    Rollout,
    Shadowed,
    Template,
    TextBits,
)

__all__ = [
    "Act",
    "Application",
    "Audit",
    "AuditSetting",
    "Backtest",
    "Draft",
    "Judged",
    "Notice",
    "PolicyVersion",
    "Publication",
    "Rollout",
    "Shadowed",
    "Snooze",
    "Suggestion",
    "Template",
    "TextBits",
]
