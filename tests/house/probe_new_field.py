# ruff: noqa: PLC0415, T201 - the house is imported after the catalogue was changed; the answer is printed
"""Add a field to the catalogue in a fresh process, walk an order through the house, and say where the field shows.

Run as: python probe_new_field.py DATABASE_URL DOCS_TOOL. Prints one JSON object of place → seen.
"""

import csv
import importlib.util
import io
import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

import polars as pl
import psycopg

from qingdan.core import fields

NEW = fields.Field(
    "gift_card", fields.Type.TEXT, "贺卡留言", "Gift card text", fields.Group.NOTES, default="", pii=fields.Pii.NONE
)
fields.CATALOGUE = (*fields.CATALOGUE, NEW)
fields.FIELDS = {f.id: f for f in fields.CATALOGUE}
fields.ORDER_FIELDS = tuple(f for f in fields.CATALOGUE if f.scope is fields.Scope.ORDER)

POLICY = """
policy: probe
title: {zh: 探针, en: Probe}
scope: 平台状态 = 待发货
checks:
  - id: no_card
    title: {zh: 无贺卡, en: No card}
    pass: 非 (贺卡留言 含 "生日")
tiers:
  - {id: regular, title: {zh: 常规单, en: Regular}, else: true, owner: front_line, resolve: 24小时}
"""
AS_OF = datetime(2026, 11, 12, 1, tzinfo=UTC)


def pure(tool: Path) -> dict[str, bool]:
    from qingdan.core.columns import ORDER_SCHEMA
    from qingdan.core.policy import compile_policy, explain, load_policy, masks_one

    zh = compile_policy(load_policy(POLICY))
    en = compile_policy(load_policy(POLICY.replace("贺卡留言 含", "gift_card contains")))
    order = dict.fromkeys(ORDER_SCHEMA) | {"platform_state": "waiting", "gift_card": "生日快乐"}
    told = json.dumps(explain(zh, order, AS_OF, "zh").to_dict(), ensure_ascii=False)
    return {
        "columns": "gift_card" in ORDER_SCHEMA,
        "rules zh": zh.policy.hash == en.policy.hash,
        "rules en": masks_one(zh, order, AS_OF) == masks_one(en, order, AS_OF),
        "explanation": "贺卡留言" in told and "生日快乐" in told,
        "docs": "| `gift_card` | 贺卡留言 |" in load(tool).field_page(),
    }


def load(tool: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("docs_tool", tool)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def stored(server: str) -> dict[str, bool]:
    name = f"probe_{os.getpid()}"
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}")
    try:
        os.environ["DATABASE_URL"] = server.replace("/qingdan?", f"/{name}?")
        os.environ["DJANGO_SETTINGS_MODULE"] = "qingdan.web.settings"
        return in_django()
    finally:
        with psycopg.connect(server, autocommit=True) as admin:
            admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


def in_django() -> dict[str, bool]:
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection
    from django.test import Client

    from qingdan.core.columns import LINE_SCHEMA, ORDER_SCHEMA
    from qingdan.core.policy import compile_policy, load_policy, review_columns
    from qingdan.orders import actions
    from qingdan.orders.actors import Actor
    from qingdan.orders.models import Order
    from qingdan.people.actions import create_user
    from qingdan.people.rights import Role
    from qingdan.policies.actions import publish

    call_command("migrate", verbosity=0)
    # What the migration of the new field would do.
    with connection.schema_editor() as editor:
        editor.add_field(Order, Order._meta.get_field("gift_card"))  # type: ignore[arg-type]
    merchant = actions.ensure_merchant("probe").pk
    publish(merchant, POLICY, Actor("system", "probe", "probe"))
    row = {f.id: f.default for f in fields.ORDER_FIELDS if f.id in ORDER_SCHEMA}
    row |= {"channel": "pdd", "shop": "s", "order_no": "1", "platform_state": "waiting", "gift_card": "生日快乐"}
    row["address_gaps"] = []
    frame = pl.DataFrame([row], schema=ORDER_SCHEMA)
    compiled = compile_policy(load_policy(POLICY))
    actions.record(
        pl.concat([frame, review_columns(compiled, frame, AS_OF)], how="horizontal"),
        pl.DataFrame(schema=LINE_SCHEMA),
        merchant=merchant,
        shops=actions.ensure_shops(merchant, [("pdd", "s")]),
        import_id=None,
        actor=Actor("system", "probe", "probe"),
        policy_hash=compiled.policy.hash,
        as_of=AS_OF,
    )
    user = create_user(
        login="probe", name="p", merchant_id=merchant, roles=[Role.SUPERVISOR], password="pr0be-secret-x"
    )
    client = Client(SERVER_NAME="localhost")
    client.force_login(user)
    order = Order.objects.get()
    card = client.get(f"/api/orders/{order.pk}").json()
    sheet = client.post(
        "/api/orders/export",
        {"filters": {}, "format": "csv"},
        content_type="application/json",
        headers={"accept-language": "zh"},
    )
    body = b"".join(sheet.streaming_content) if sheet.streaming else sheet.content
    rows = list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"))))
    catalogue = client.get("/api/catalogue").json()
    return {
        "store": order.gift_card == "生日快乐",  # type: ignore[attr-defined]
        "api": any(f["id"] == "gift_card" and f["zh"] == "贺卡留言" for f in catalogue["fields"]),
        "order card": card["order"]["gift_card"] == "生日快乐",
        "export": rows[0]["贺卡留言"] == "生日快乐",
    }


if __name__ == "__main__":
    print(json.dumps({**pure(Path(sys.argv[2])), **stored(sys.argv[1])}))
