"""A merchant with robots of all three vendors, and a simulated service that enforces their limits."""

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import uuid4

from qingdan.alerts.models import Outlet, Route
from qingdan.alerts.outlets import save_outlet
from qingdan.orders.models import Merchant
from qingdan.sandbox.robots import RobotServer

SECRET = "SECdemo"
COUNTED = re.compile(r"\*\*：(\d+) 条")


@contextmanager
def robots(clock: Callable[[], float]) -> Iterator[tuple[RobotServer, str]]:
    made = RobotServer(clock, SECRET)
    server = made.serve()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield made, f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def merchant() -> int:
    return Merchant.objects.create(name=f"商家{uuid4()}").pk


def robot(owner: int, kind: str, base: str, **said: object) -> Outlet:
    given = {
        "outlet_id": None,
        "name": f"{kind}群",
        "kind": kind,
        "url": f"{base}/{kind}?access_token=t",
        "secret": SECRET,
        "recipients": [],
        "language": "zh",
        "quiet": "",
        "quiet_urgent": False,
        "active": True,
    }
    return save_outlet(owner, **(given | said))  # type: ignore[arg-type]


def route(owner: int, *steps: tuple[int | None, str, int], position: int = 1, **among: list[str]) -> Route:
    rows = [{"outlet": outlet, "role": role, "after": after} for outlet, role, after in steps]
    return Route.objects.create(merchant_id=owner, position=position, steps=rows, **among)


def counted(message: object) -> int:
    """How many alerts a digest says it tells of."""
    return sum(int(n) for n in COUNTED.findall(str(message)))
