"""From alerts to deliveries: who is told through what, now, and who next when nobody acknowledges.

Alerts of one sort are routed together, so that hundreds at once cost a handful of statements. Who is on duty is asked
when a step is due, not when the alert was raised.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from qingdan.alerts.models import Alert, Delivery, Outlet, Route
from qingdan.alerts.routing import Rule, Step, quiet_until, read_steps, steps_of
from qingdan.people.models import Team, User
from qingdan.people.queries import on_duty
from qingdan.people.rights import Role

_AT_ONCE: Final = 2_000
_ROLE_OF_OWNER: Final = {"front_line": Role.AGENT.value}


def route_new(now: datetime) -> int:
    """Route alerts that were raised since; return how many."""
    with transaction.atomic(durable=True):
        Alert.objects.filter(routed_at__isnull=True, closed_at__isnull=False).update(routed_at=now)
        fresh = list(
            Alert.objects.select_for_update(skip_locked=True).filter(routed_at__isnull=True).order_by("id")[:_AT_ONCE]
        )
        plan = _Plan(now)
        for alert in fresh:
            alert.routed_at = now
            plan.tell(alert, -1)
        plan.write(fresh)
    return len(fresh)


def escalate(now: datetime) -> int:
    """Take alerts that nobody has acknowledged in time to their next step; return how many."""
    with transaction.atomic(durable=True):
        due = list(
            Alert.objects.select_for_update(skip_locked=True)
            .filter(escalate_at__lte=now, acked_at__isnull=True, closed_at__isnull=True)
            .order_by("escalate_at", "id")[:_AT_ONCE]
        )
        plan = _Plan(now)
        for alert in due:
            plan.tell(alert, alert.step)
        plan.write(due)
    return len(due)


@dataclass(slots=True)
class _Plan:
    """Deliveries being put together at a moment; what is looked up is kept for the alerts that follow."""

    now: datetime
    deliveries: list[Delivery] = field(default_factory=list)
    _rules: dict[int, list[Rule]] = field(default_factory=dict)
    _people: dict[tuple[int, str], list[int]] = field(default_factory=dict)
    _outlets: dict[int, dict[int, Outlet]] = field(default_factory=dict)

    def tell(self, alert: Alert, done: int) -> None:
        """Add the steps after ``done`` that are due together, and set when the one after them is."""
        steps = steps_of(self._rules_of(alert.merchant_id), alert.kind, alert.tier, alert.role)
        number = done + 1
        if number < len(steps):
            after = 0 if done < 0 else steps[number].after
            while number < len(steps) and steps[number].after <= after:
                self._add(alert, number, steps[number])
                number += 1
        alert.step = number - 1
        alert.escalate_at = None
        if number < len(steps) and alert.routed_at is not None:
            alert.escalate_at = alert.routed_at + timedelta(minutes=steps[number].after)

    def write(self, alerts: Sequence[Alert]) -> None:
        Delivery.objects.bulk_create(self.deliveries, ignore_conflicts=True)
        Alert.objects.bulk_update(alerts, ["routed_at", "step", "escalate_at"], batch_size=500)

    def _add(self, alert: Alert, number: int, step: Step) -> None:
        outlet = self._outlets_of(alert.merchant_id).get(step.outlet) if step.outlet is not None else None
        urgent = alert.severity == "urgent"
        due = self.now
        if outlet is not None and (outlet.quiet_urgent or not urgent):
            due = quiet_until(outlet.quiet, self.now, settings.SHOP_ZONE) or self.now
        self.deliveries.append(
            Delivery(
                alert=alert,
                step=number,
                outlet=outlet,
                people=self._people_of(alert.merchant_id, step.role or alert.role),
                state="ready" if outlet is not None else "sent",
                urgent=urgent,
                due_at=due,
                sent_at=None if outlet is not None else self.now,
            )
        )

    def _rules_of(self, merchant: int) -> list[Rule]:
        if merchant not in self._rules:
            found = Route.objects.filter(merchant_id=merchant).order_by("position")
            self._rules[merchant] = [rule(route) for route in found]
        return self._rules[merchant]

    def _outlets_of(self, merchant: int) -> dict[int, Outlet]:
        if merchant not in self._outlets:
            self._outlets[merchant] = {o.pk: o for o in Outlet.objects.filter(merchant_id=merchant, active=True)}
        return self._outlets[merchant]

    def _people_of(self, merchant: int, role: str) -> list[int]:
        """Return who is on duty for a role; where nobody is, who leads its teams; else whoever has the role."""
        key = (merchant, role)
        if key not in self._people:
            found: Iterable[int] = [person.user_id for person in on_duty(merchant, self.now, role=role)]
            if not found:
                leads = Team.objects.filter(
                    merchant_id=merchant, role=role, active=True, lead__isnull=False, lead__is_active=True
                )
                found = leads.values_list("lead_id", flat=True).distinct()
            if not found:
                held = Q(roles__contains=[_ROLE_OF_OWNER.get(role, role)])
                found = User.objects.filter(held, merchant_id=merchant, is_active=True).values_list("id", flat=True)
            self._people[key] = sorted(set(found))
        return self._people[key]


def rule(route: Route) -> Rule:
    """Read a stored route."""
    return Rule(frozenset(route.kinds), frozenset(route.tiers), frozenset(route.roles), read_steps(route.steps))


def outlets_used(routes: Iterable[Route]) -> dict[int, int]:
    """Return how many steps of ``routes`` use each outlet."""
    used: dict[int, int] = defaultdict(int)
    for route in routes:
        for step in read_steps(route.steps):
            if step.outlet is not None:
                used[step.outlet] += 1
    return dict(used)
