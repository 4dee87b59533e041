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
