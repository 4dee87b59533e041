"""The policy engine: policy text → checked policy → verdicts, for one order or for a frame."""

from qingdan.core.policy.explain import Explanation, explain
from qingdan.core.policy.load import load_policy
from qingdan.core.policy.model import Hit, Kind, Policy, PolicyError, Problem, Rule, Severity, Table, Tier
from qingdan.core.policy.render import render
from qingdan.core.policy.review import (
    Compiled,
    Decision,
    compile_policy,
    masks_columns,
    masks_one,
    review_columns,
    review_one,
    snoozing,
    tables_columns,
    tables_one,
)
from qingdan.core.shipping import ShipDefaults

__all__ = [
    "Compiled",
    "Decision",
    "Explanation",
    "Hit",
    "Kind",
    "Policy",
    "PolicyError",
    "Problem",
    "Rule",
    "Severity",
    "ShipDefaults",
    "Table",
    "Tier",
    "compile_policy",
    "explain",
    "load_policy",
    "masks_columns",
    "masks_one",
    "render",
    "review_columns",
    "review_one",
    "snoozing",
    "tables_columns",
    "tables_one",
]
