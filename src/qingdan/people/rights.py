"""Who may do what: the one table of rights by role."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Final

from qingdan.core.message import Words


class Role(StrEnum):
    """What a person does in the team; one person may have several roles."""

    SUPERVISOR = "supervisor"
    AGENT = "agent"
    RISK = "risk"
    FINANCE = "finance"
    WAREHOUSE = "warehouse"
    ADMIN = "admin"


class Right(StrEnum):
    """What an operation asks for."""

    ORDERS_VIEW = "orders.view"
    ORDERS_DECIDE = "orders.decide"
    ORDERS_UNMASK = "orders.unmask"
    ORDERS_EXPORT = "orders.export"
    IMPORTS_VIEW = "imports.view"
    IMPORTS_CREATE = "imports.create"
    CUSTOMERS_VIEW = "customers.view"
    CUSTOMERS_EDIT = "customers.edit"
    IMPORTS_UNDO = "imports.undo"
    MAPPINGS_EDIT = "mappings.edit"
    POLICIES_VIEW = "policies.view"
    POLICIES_EDIT = "policies.edit"
    BOARD_VIEW = "board.view"
    DIAGNOSIS_VIEW = "diagnosis.view"
    PUSHES_VIEW = "pushes.view"
    PUSHES_SETTLE = "pushes.settle"
    WAREHOUSES_EDIT = "warehouses.edit"
    INCIDENTS_HANDLE = "incidents.handle"
    DIFFERENCES_SETTLE = "differences.settle"
    PAYMENTS_VIEW = "payments.view"
    PAYMENTS_IMPORT = "payments.import"
    PAYMENTS_SETTLE = "payments.settle"
    DESK_WORK = "desk.work"
    DESK_BULK = "desk.bulk"
    DESK_MANAGE = "desk.manage"
    VIEWS_SHARE = "views.share"
    CAMPAIGNS_VIEW = "campaigns.view"
    CAMPAIGNS_RUN = "campaigns.run"
    CASES_VIEW = "cases.view"
    CASES_WORK = "cases.work"
    ADDRESSES_EDIT = "addresses.edit"
    SOPS_EDIT = "sops.edit"
    TEAMS_VIEW = "teams.view"
    TEAMS_EDIT = "teams.edit"
    ALERTS_VIEW = "alerts.view"
    ALERTS_EDIT = "alerts.edit"
    USERS_MANAGE = "users.manage"


ROLE_LABELS: Final[dict[Role, Words]] = {
    Role.SUPERVISOR: Words("主管", "Supervisor"),
    Role.AGENT: Words("一线客服", "Agent"),
    Role.RISK: Words("风控专员", "Risk specialist"),
    Role.FINANCE: Words("财务", "Finance"),
    Role.WAREHOUSE: Words("仓库", "Warehouse"),
    Role.ADMIN: Words("管理员", "Administrator"),
}

_EVERYONE: Final = frozenset(
    {
        Right.ORDERS_VIEW,
        Right.IMPORTS_VIEW,
        Right.POLICIES_VIEW,
        Right.BOARD_VIEW,
        Right.PUSHES_VIEW,
        Right.CAMPAIGNS_VIEW,
        Right.CASES_VIEW,
        Right.CASES_WORK,
        Right.TEAMS_VIEW,
        Right.ALERTS_VIEW,
    }
)

RIGHTS: Final[dict[Role, frozenset[Right]]] = {
    Role.SUPERVISOR: frozenset(Right) - {Right.USERS_MANAGE},
    Role.AGENT: _EVERYONE
    | {
        Right.CUSTOMERS_VIEW,
        Right.ORDERS_DECIDE,
        Right.ORDERS_UNMASK,
        Right.ADDRESSES_EDIT,
        Right.IMPORTS_CREATE,
        Right.DESK_WORK,
    },
    Role.RISK: _EVERYONE
    | {
        Right.DESK_BULK,
        Right.CUSTOMERS_VIEW,
        Right.CUSTOMERS_EDIT,
        Right.ORDERS_DECIDE,
        Right.ORDERS_UNMASK,
        Right.ADDRESSES_EDIT,
        Right.ORDERS_EXPORT,
        Right.POLICIES_EDIT,
        Right.DESK_WORK,
        Right.VIEWS_SHARE,
    },
    Role.FINANCE: _EVERYONE
    | {
        Right.ORDERS_EXPORT,
        Right.PAYMENTS_VIEW,
        Right.PAYMENTS_IMPORT,
        Right.PAYMENTS_SETTLE,
        Right.DIFFERENCES_SETTLE,
        Right.VIEWS_SHARE,
        Right.DESK_WORK,
    },
    Role.WAREHOUSE: _EVERYONE
    | {Right.ORDERS_EXPORT, Right.PUSHES_SETTLE, Right.INCIDENTS_HANDLE, Right.DIFFERENCES_SETTLE, Right.DESK_WORK},
    Role.ADMIN: frozenset(Right),
}


def rights_of(roles: Iterable[str]) -> frozenset[Right]:
    """Return the rights that ``roles`` give together."""
    return frozenset().union(*(RIGHTS[Role(role)] for role in roles))
