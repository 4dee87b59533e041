"""HTTP of policies, a module a subject."""

from ninja import Router

from qingdan.policies.api import backtests, drafts, editor, insights, live, rollouts, tables, templates, waiting

router = Router(tags=["policies"])
for part in (live, editor, drafts, tables, backtests, waiting, rollouts, insights, templates):
    router.add_router("", part.router)
