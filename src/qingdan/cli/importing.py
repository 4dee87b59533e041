"""The steps of ``qingdan import`` that need Django; imported once it is loaded."""

from collections.abc import Sequence
from datetime import datetime
from typing import BinaryIO

from qingdan.core.message import Words
from qingdan.intake import actions, runner
from qingdan.intake.models import Import
from qingdan.orders.actions import ensure_merchant
from qingdan.orders.actors import Actor
from qingdan.orders.models import Merchant
from qingdan.policies.present import live_policy, reasons

COMMAND_LINE = Actor("system", "cli", "命令行")


def merchant_names() -> list[str]:
    """Return the names of all merchants."""
    return list(Merchant.objects.order_by("id").values_list("name", flat=True))


def merchant(name: str) -> int:
    """Return the id of the merchant of that name, adding it if it is new."""
    return ensure_merchant(name).pk


def reason_labels(home: int) -> dict[str, Words]:
    """Return what the reasons of the merchant's live policy are called."""
    return {reason["id"]: Words(reason["zh"], reason["en"]) for reason in reasons(live_policy(home))}


def create(home: int, uploads: Sequence[tuple[str, BinaryIO]], *, shop: str | None, as_of: datetime) -> int:
    """Keep the files and make their import; a worker takes it up if this process dies."""
    files = [actions.Upload(name, stream) for name, stream in uploads]
    return actions.create_import(home, files, actor=COMMAND_LINE, as_of=as_of, shop=shop, queue=False).pk


def run(import_id: int, told: runner.Told, passwords: Sequence[str] = ()) -> Import:
    """Run the import here and return how it ended."""
    runner.run(import_id, told=told, passwords=passwords)
    return Import.objects.get(pk=import_id)
