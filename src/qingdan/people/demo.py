"""The demo's cast: one person per role, with a password that is printed on purpose."""

from dataclasses import dataclass
from typing import Final

from qingdan.people.rights import Role

DEMO_MERCHANT: Final = "晴好家电演示店"
DEMO_PASSWORD: Final = "qingdan-demo"  # noqa: S105 - shown on the login page; only the demo creates these users


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """One of the cast."""

    login: str
    name: str
    role: Role


DEMO_PEOPLE: Final = (
    DemoPerson("supervisor", "林静", Role.SUPERVISOR),
    DemoPerson("agent", "周小满", Role.AGENT),
    DemoPerson("risk", "何谨", Role.RISK),
    DemoPerson("finance", "秦算", Role.FINANCE),
    DemoPerson("warehouse", "石库", Role.WAREHOUSE),
    DemoPerson("admin", "管维", Role.ADMIN),
)


@dataclass(frozen=True, slots=True)
class DemoTeam:
    """A team of the cast, by owner role and logins; everybody takes orders from the pool herself."""

    name: str
    role: str
    members: tuple[str, ...]


DEMO_TEAMS: Final = (
    DemoTeam("一线客服组", "front_line", ("agent",)),
    DemoTeam("风控组", "risk", ("risk",)),
    DemoTeam("主管组", "supervisor", ("supervisor",)),
)
"""Who works on what in the demo. Its calendar is open round the clock, so that it is the same at any hour."""
DEMO_SHIFTS: Final = (("早班", ("08:30-12:00", "13:00-17:30")), ("晚班", ("13:30-21:30",)))
DEMO_WEEK: Final = (0, 0, 0, 1, 1, 0, None)
"""Number of the shift that the demo's people have on each day of a week; None is a day off."""
