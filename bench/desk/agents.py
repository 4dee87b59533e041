"""Sixteen people at one desk, each a process of its own, and the check of what they did to each other.

``python -m bench.desk.agents FOLDER SECONDS SEED USER...`` forks one process a user against the database of
``DATABASE_URL``. Each claims, renews, decides, takes from others and gives back at random; a further process lets
leases lapse. Each leaves a file in the folder: what it was told that it holds and has decided.
"""

import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from importlib import import_module
from pathlib import Path
from typing import Any

BATCH = 10
DECIDED = 0.06
"""Part of the claimed orders that are decided; the rest go back, so that the pool never runs dry."""


def play(user_id: int, seconds: float, seed: int) -> dict[str, Any]:
    """Work as one person until the time is over; return what was acknowledged."""
    leases = import_module("qingdan.desk.leases")
    verdicts = import_module("qingdan.desk.verdicts")
    errors = import_module("qingdan.desk.errors")
    user = import_module("qingdan.people.models").User.objects.get(pk=user_id)
    order_model = import_module("qingdan.orders.models").Order
    rng = random.Random(seed)  # noqa: S311
    told: dict[str, Any] = {"user": user_id, "claims": 0, "leases": [], "verdicts": [], "refused": 0}
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        held = leases.claim(user, BATCH)
        told["claims"] += len(held)
        told["leases"] += [(lease.order_id, lease.token) for lease in held]
        chosen = [lease for lease in held if rng.random() < DECIDED]
        if chosen and rng.random() < 0.5:
            leases.renew(user, {lease.order_id: lease.token for lease in held})
        versions = dict(order_model.objects.filter(pk__in=[c.order_id for c in chosen]).values_list("id", "version"))
        for lease in chosen:
            version = versions[lease.order_id]
            ruling = verdicts.Ruling("review", version, f"{user_id}-{version}-{rng.random()}", token=lease.token)
            try:
                if rng.random() < 0.1:
                    taken = leases.take(user, rng.choice(told["leases"])[0], override=rng.random() < 0.5)
                    told["leases"].append((taken.order_id, taken.token))
                ruled = verdicts.rule(user, lease.order_id, ruling)
                told["verdicts"].append((ruled.order_id, ruled.version))
            except (errors.TakenError, errors.StaleError):
                told["refused"] += 1
        leases.give_back(user)
    return told


def lapse(seconds: float, seed: int) -> None:
    """Let some leases run out, as if their holders had gone, and return them."""
    connection = import_module("django.db").connection
    leases = import_module("qingdan.desk.leases")
    rng = random.Random(seed)  # noqa: S311
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        time.sleep(rng.random() / 10)
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE desk_lease SET expires_at = now() - interval '1 second' WHERE order_id IN "
                "(SELECT order_id FROM desk_lease ORDER BY random() LIMIT 3 FOR UPDATE SKIP LOCKED)"
            )
        leases.sweep()


def main() -> int:
    """Fork the people, wait for them."""
    folder, seconds, seed, *users = sys.argv[1:]
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qingdan.web.settings")
    import_module("django").setup()
    for name in ("leases", "verdicts"):
        import_module(f"qingdan.desk.{name}")
    jobs = [(int(user), float(seconds), int(seed) + place) for place, user in enumerate(users)]
    children = []
    for job in [*jobs, None]:
        if child := os.fork():
            children.append(child)
            continue
        if job is None:
            lapse(float(seconds), int(seed))
        else:
            Path(folder, f"{job[0]}.json").write_text(json.dumps(play(*job)), encoding="utf-8")
        os._exit(0)
    return max(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children)


def work(url: str, users: list[int], *, seconds: float, seed: int) -> list[dict[str, Any]]:
    """Let the people work for so long; return what each was told."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "bench.desk.agents", folder, str(seconds), str(seed), *map(str, users)]
        subprocess.run(  # noqa: S603 - our own module
            command,
            env={**os.environ, "DATABASE_URL": url},
            cwd=Path(__file__).parents[2],
            check=True,
            timeout=seconds + 120,
        )
        return [json.loads(file.read_text(encoding="utf-8")) for file in Path(folder).iterdir()]


def check(merchant: int, told: list[dict[str, Any]]) -> dict[str, int]:
    """Count what must never happen: two owners at a time, an acknowledged lease or verdict that is not there."""
    connection = import_module("django.db").connection
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT order_id, kind, user_id, token FROM desk_worklog WHERE merchant_id = %s "
            "AND kind IN ('leased', 'returned', 'expired', 'skipped', 'decided') ORDER BY order_id, id",
            [merchant],
        )
        log = cursor.fetchall()
        cursor.execute(
            "SELECT e.order_id, e.version, e.actor_id::bigint FROM orders_orderevent AS e "
            "WHERE e.merchant_id = %s AND e.kind = 'decided'",
            [merchant],
        )
        written = Counter(cursor.fetchall())
        cursor.execute(
            "SELECT count(*) FROM orders_order AS o WHERE merchant_id = %s AND version <> "
            "(SELECT count(*) FROM orders_orderevent AS e WHERE e.order_id = o.id)",
            [merchant],
        )
        torn = cursor.fetchone()[0]
    holder: dict[int, tuple[int, int] | None] = {}
    double = 0
    for order, kind, user, token in log:
        now = holder.get(order)
        if kind == "leased":
            double += now is not None
            holder[order] = (user, token)
        elif token is not None:
            double += now != (user, token)
            holder[order] = None
    known = {(order, token): user for order, kind, user, token in log if kind == "leased"}
    leases = Counter((o, t) for one in told for o, t in {tuple(pair) for pair in one["leases"]})
    acknowledged = Counter((o, v, one["user"]) for one in told for o, v in one["verdicts"])
    lost = sum(known.get((o, t)) != one["user"] for one in told for o, t in one["leases"])
    return {
        "double": double + sum(n > 1 for n in leases.values()),
        "lost": torn + lost + sum(written[key] != n for key, n in acknowledged.items()),
        "claims": sum(one["claims"] for one in told),
        "verdicts": sum(acknowledged.values()),
        "refused": sum(one["refused"] for one in told),
    }


if __name__ == "__main__":
    sys.exit(main())
