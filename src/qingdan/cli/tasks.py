"""What the commands do once the database is up and Django is loaded; ``cli.serve`` imports this only then."""

import json
from collections.abc import Iterable
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from qingdan.fulfilment import actions as fulfilment
from qingdan.intake import actions as imports
from qingdan.intake import runner
from qingdan.intake.models import Import
from qingdan.orders.actors import Actor
from qingdan.orders.models import Merchant
from qingdan.people import actions, teams
from qingdan.people.demo import DEMO_MERCHANT, DEMO_PASSWORD, DEMO_PEOPLE, DEMO_SHIFTS, DEMO_TEAMS, DEMO_WEEK
from qingdan.people.models import Team, User
from qingdan.people.rights import Role
from qingdan.sandbox.samples import write_sample
from qingdan.web.api import api

DEMO_SCENARIO: Final = "s1"
DEMO_SEED: Final = 1
DEMO_AGE: Final = timedelta(hours=3)

_MIGRATION_LOCK = 0x71696E67
"""Key of the advisory lock that lets one process at a time migrate ("qing")."""


def migrate() -> None:
    """Bring the tables up to date; several servers that start together wait for the first."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [_MIGRATION_LOCK])
        try:
            call_command("migrate", verbosity=0, interactive=False)
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [_MIGRATION_LOCK])


def close() -> None:
    """Give the database connection back before the process waits for its children."""
    connection.close()


def create_user(*, login: str, name: str, merchant: str, roles: Iterable[str], password: str, staff: bool) -> None:
    """Create a user, and the merchant when there is none of that name."""
    home, _ = Merchant.objects.get_or_create(name=merchant)
    actions.create_user(
        login=login,
        name=name,
        merchant_id=home.id,
        roles=[Role(role) for role in roles],
        password=password,
        staff=staff,
    )


def prepare_demo(folder: Path) -> None:
    """Create the demo's merchant and people, and import the sample files at the first start."""
    merchant, _ = Merchant.objects.get_or_create(name=DEMO_MERCHANT)
    known = set(User.objects.values_list("login", flat=True))
    for person in DEMO_PEOPLE:
        if person.login not in known:
            actions.create_user(
                login=person.login,
                name=person.name,
                merchant_id=merchant.id,
                roles=[person.role],
                password=DEMO_PASSWORD,
            )
    _demo_teams(merchant.id)
    if not (folder / "manifest.json").exists():
        write_sample(DEMO_SCENARIO, folder, seed=DEMO_SEED, as_of=_exported_at().replace(tzinfo=None))
    if not Import.objects.filter(merchant_id=merchant.id).exists():
        _import_samples(merchant.id, folder)


def _demo_teams(merchant_id: int) -> None:
    """Give the demo its teams at the first start."""
    if Team.objects.filter(merchant_id=merchant_id).exists():
        return
    ids = dict(User.objects.filter(merchant_id=merchant_id).values_list("login", "id"))
    calendar = teams.save_calendar(
        merchant_id,
        calendar_id=None,
        name="全天轮班",
        week=[["00:00-24:00"]] * 7,
        works_holidays=True,
        make_up_like=0,
        own_days={},
    )
    shifts = [teams.save_shift(merchant_id, shift_id=None, name=name, spans=spans).pk for name, spans in DEMO_SHIFTS]
    today = timezone.now().astimezone(ZoneInfo(settings.SHOP_ZONE)).date()
    monday = today - timedelta(days=today.weekday())
    for team in DEMO_TEAMS:
        made = teams.save_team(
            merchant_id,
            team_id=None,
            name=team.name,
            role=team.role,
            calendar_id=calendar.pk,
            lead_id=ids[team.members[0]],
            active=True,
            members=[teams.MemberOf(ids[login], (), 0) for login in team.members],
        )
        days = [(monday + timedelta(days=n), DEMO_WEEK[n % 7]) for n in range(14)]
        cells = [
            teams.Cell(member, day, None, ()) if shift is None else teams.Cell(member, day, shifts[shift], None)
            for member in made.members.values_list("id", flat=True)
            for day, shift in days
        ]
        teams.save_roster(merchant_id, made.pk, cells)


def connect_sandbox(url: str, folder: Path) -> str:
    """Make the simulated warehouse the demo merchant's own; return the address's path at which it may speak to us.

    Orders that only the platform's tool can ship are listed in ``folder``.
    """
    merchant = Merchant.objects.get(name=DEMO_MERCHANT)
    settings_of = {
        "url": url,
        "app_key": "sandbox",
        "customer_id": "sandbox",
        "warehouse_code": "SANDBOX",
        "owner_code": "DEMO",
        "sender": {
            "name": "演示仓",
            "mobile": "13800000000",
            "province": "浙江省",
            "city": "杭州市",
            "address": "示例路1号",
        },
    }
    made = fulfilment.save_destination(
        merchant.id,
        name="演示仓",
        adapter="qimen",
        settings=settings_of,
        secret="sandbox-secret",  # noqa: S106 - known to all
        concurrency=4,
    )
    fulfilment.save_destination(
        merchant.id,
        name="平台发货清单",
        adapter="release_list",
        settings={"folder": str(folder / "release-lists")},
        concurrency=1,
    )
    return f"/wms/{made.token}"


def _exported_at() -> datetime:
    """Moment at which the demo's platforms were asked: long enough ago for some deadlines to have passed."""
    return (timezone.now() - DEMO_AGE).astimezone(ZoneInfo(settings.SHOP_ZONE))


def _import_samples(merchant_id: int, folder: Path) -> None:
    """Import the sample files here and now, so that the board is full when the browser opens."""
    with ExitStack() as stack:
        uploads = [
            imports.Upload(path.name, stack.enter_context(path.open("rb")))
            for path in sorted(folder.iterdir())
            if path.suffix in {".csv", ".xlsx"}
        ]
        made = imports.create_import(
            merchant_id, uploads, actor=Actor("system", "demo", "演示数据"), as_of=_exported_at(), queue=False
        )
    runner.run(made.pk)


def api_schema() -> str:
    """Return the OpenAPI description of the HTTP API."""
    return json.dumps(api.get_openapi_schema(path_prefix="/api/"), ensure_ascii=False, indent=2) + "\n"
