"""HTTP of cases, a module a subject."""

from qingdan.cases.api import cases, orders, setup, tools  # noqa: F401 - each adds its operations to the router
from qingdan.cases.api.routing import router

__all__ = ["router"]
