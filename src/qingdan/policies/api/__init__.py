"""HTTP of policies, a module a subject."""

from qingdan.policies.api import (  # noqa: F401 - each adds its operations to the router
    audits,
    backtests,
    drafts,
    editor,
    insights,
    live,
    rollouts,
    snoozes,
    suggestions,
    tables,
    templates,
    waiting,
)
from qingdan.policies.api.routing import router

__all__ = ["router"]
