from typing import Any

import pytest
from tests.web.cast import Team, make_team

from qingdan.people.models import Calendar, Member, User
from qingdan.people.models import Team as Group
from qingdan.people.rights import Role


@pytest.fixture(autouse=True)
def _fast_hashes(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def ours(db: None) -> Team:
    team = make_team("ours")
    man(team)
    return team


def man(team: Team, hours: str = "00:00-23:59") -> None:
    """Give a merchant its groups: four of the front line, one each for risk, finance and the supervisor."""
    merchant = team.merchant.id
    calendar = Calendar.objects.create(
        merchant_id=merchant, name="全天", week=[[hours] for _ in range(7)], works_holidays=True
    )
    extra = [
        User.objects.create(login=f"ours-more{n}", name=f"客服{n}", merchant_id=merchant, roles=["agent"])
        for n in range(3)
    ]
    seats = {
        "front_line": [team.people[Role.AGENT], *extra],
        "risk": [team.people[Role.RISK]],
        "finance": [team.people[Role.FINANCE]],
        "supervisor": [team.people[Role.SUPERVISOR]],
    }
    for role, users in seats.items():
        group = Group.objects.create(
            merchant_id=merchant, name=role, role=role, calendar=calendar, lead=team.people[Role.SUPERVISOR]
        )
        Member.objects.bulk_create(Member(team=group, user=user, cap=0) for user in users)
