"""Verbs on the settings of alerts: routes, and how colleagues are called by name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction

from qingdan.alerts import messages
from qingdan.alerts.kinds import KINDS
from qingdan.alerts.models import OUTLET_KINDS, Outlet, Reach, Route
from qingdan.alerts.outlets import AlertsError, NoSuchAlertError
from qingdan.alerts.routing import MOST_MINUTES, MOST_STEPS, Step
from qingdan.core.policy.model import OWNERS
from qingdan.people.models import User


class BadRouteError(AlertsError):
    """A route that can not be meant."""

    def __init__(self) -> None:
        super().__init__(messages.BAD_ROUTE)


@dataclass(frozen=True, slots=True)
class RouteOf:
    """A route as it is saved; the first that matches decides."""

    kinds: tuple[str, ...]
    tiers: tuple[str, ...]
    roles: tuple[str, ...]
    steps: tuple[Step, ...]


def save_routes(merchant_id: int, routes: Sequence[RouteOf]) -> None:
    """Put these routes in place of those there are. Raises ``BadRouteError``; then nothing changes."""
    with transaction.atomic(durable=True):
        known = set(Outlet.objects.filter(merchant_id=merchant_id).values_list("id", flat=True))
        for route in routes:
            if not _sound(route, known):
                raise BadRouteError
        Route.objects.filter(merchant_id=merchant_id).delete()
        Route.objects.bulk_create(
            Route(
                merchant_id=merchant_id,
                position=position,
                kinds=list(route.kinds),
                tiers=list(route.tiers),
                roles=list(route.roles),
                steps=[{"outlet": s.outlet, "role": s.role, "after": s.after} for s in route.steps],
            )
            for position, route in enumerate(routes, start=1)
        )


def save_reach(merchant_id: int, user_id: int, values: Mapping[str, str]) -> None:
    """Say how a colleague is called in the vendors' groups and by mail; an empty text forgets it."""
    with transaction.atomic(durable=True):
        user = User.objects.filter(merchant_id=merchant_id, pk=user_id).first()
        if user is None:
            raise NoSuchAlertError
        for kind in OUTLET_KINDS:
            value = values.get(kind, "").strip()
            if value:
                Reach.objects.update_or_create(user=user, kind=kind, defaults={"value": value})
            else:
                Reach.objects.filter(user=user, kind=kind).delete()


def _sound(route: RouteOf, outlets: set[int]) -> bool:
    return (
        set(route.kinds) <= set(KINDS)
        and set(route.roles) <= set(OWNERS)
        and 1 <= len(route.steps) <= MOST_STEPS
        and min(step.after for step in route.steps) == 0
        and all(step.outlet is None or step.outlet in outlets for step in route.steps)
        and all(step.role in {"", *OWNERS} and 0 <= step.after <= MOST_MINUTES for step in route.steps)
    )
