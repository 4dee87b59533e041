"""The simulated warehouse over HTTP: its protocols, its faults, and the messages it sends by itself."""

import asyncio
import json
import random
import signal
from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final
from urllib.parse import parse_qsl

from granian.constants import HTTPModes, Interfaces
from granian.log import LogLevels
from granian.server.embed import Server

from qingdan.fulfilment.transport import Limits, Line, NoAnswerError, NotSentError
from qingdan.fulfilment.wms import Call, xmltext
from qingdan.sandbox.wms.faults import Faults
from qingdan.sandbox.wms.jushuitan import Jushuitan
from qingdan.sandbox.wms.ledger import Effect, Ledger
from qingdan.sandbox.wms.qimen import Qimen
from qingdan.sandbox.wms.speaking import Answered, Asked, Floor, Speaker
from qingdan.sandbox.wms.wangdian import Wangdian
from qingdan.sandbox.wms.wangdian_enterprise import WangdianEnterprise

_SWEEP_SECONDS: Final = 0.25
_TOLD_AT_ONCE: Final = 50
_JSON: Final = [("content-type", "application/json")]
_XML_KIND: Final = "text/xml;charset=utf-8"


class Warehouse:
    """One simulated warehouse; everything runs on one event loop, only calls to the owner on threads."""

    def __init__(self, qimen: Qimen, ledger: Ledger, faults: Faults, owner: str, seed: int | None) -> None:
        self._qimen = qimen
        self._down = 0
        self._ledger = ledger
        self._faults = faults
        self._owner = owner
        self._chance = random.Random(seed)  # noqa: S311 - chance, no secret
        floor = Floor(ledger, faults, qimen.ship_after, self._chance)
        secret = qimen.keys.secret
        self._speakers: tuple[Speaker, ...] = (
            Wangdian(floor, secret=secret),
            WangdianEnterprise(floor, secret=secret),
            Jushuitan(floor, secret=secret),
        )
        self._line = Line(Limits(connect=1.0, read=5.0, total=8.0))

    async def __call__(self, scope: Any, protocol: Any) -> None:
        """Answer one request."""
        body = await protocol()
        if scope.path.startswith("/_sandbox/"):
            status, answer = self._control(scope.method, scope.path, body)
            protocol.response_bytes(status, _JSON, json.dumps(answer, ensure_ascii=False).encode())
            return
        params = dict(parse_qsl(scope.query_string, keep_blank_values=True))
        for speaker in self._speakers:
            if scope.path.startswith(speaker.prefix):
                await self._misbehave(protocol, partial(speaker.answer, Asked(scope.path, params, body)))
                return
        if scope.path != "/qimen":
            protocol.response_empty(404, [])
            return
        await self._misbehave(protocol, lambda: Answered(self._qimen.answer(params, body), _XML_KIND))
        if params.get("method", "").endswith("batchcreate") and self._owner:
            numbers = [node.value("deliveryOrderCode") for node in _orders(body)]
            await self._tell(self._qimen.batch_answer(numbers, self._owner, datetime.now(UTC)))

    async def _misbehave(self, protocol: Any, work: Callable[[], Answered]) -> None:
        """Do the work and answer, or whatever the faults say."""
        faults = self._faults
        if faults.slow_by:
            await asyncio.sleep(faults.slow_by)
        if faults.outage:
            self._down += 1
            protocol.response_empty(503, [])
            return
        if self._chance.random() < faults.error:
            protocol.response_str(500, [], "internal error")
            return
        answer = work()
        headers = [("content-type", answer.kind)]
        if self._chance.random() < faults.late:
            await asyncio.sleep(faults.late_by)
        if self._chance.random() < faults.error_after:
            protocol.response_str(500, [], "internal error")
        elif self._chance.random() < faults.garbage:
            protocol.response_bytes(200, headers, b"<html><body>\xff\xfe 502 Bad Gateway</body>")
        elif self._chance.random() < faults.cut:
            short = [*headers, ("content-length", str(len(answer.body) + 100))]
            protocol.response_bytes(200, short, answer.body)
        else:
            protocol.response_bytes(200, headers, answer.body)

    def _control(self, method: str, path: str, body: bytes) -> tuple[int, Any]:
        if path == "/_sandbox/faults":
            if method == "POST":
                try:
                    self._faults.change(json.loads(body or b"{}"))
                except ValueError as error:
                    return 422, {"error": str(error)}
            return 200, asdict(self._faults)
        if path == "/_sandbox/ledger":
            return 200, {**self._ledger.summary(), "calls_while_down": self._down}
        if path == "/_sandbox/ship" and method == "POST":
            self._ledger.hurry()
            return 200, {}
        return 404, {}

    async def ship(self) -> None:
        """Ship what is due and tell the owner, again and again until the owner has confirmed."""
        while True:
            await asyncio.sleep(_SWEEP_SECONDS)
            if self._faults.outage:
                continue
            due = self._ledger.ship_due(_TOLD_AT_ONCE)
            if self._owner and not self._faults.silent:
                for effect in due:
                    await self._confirm(effect)

    async def _confirm(self, effect: Effect) -> None:
        times = 2 if self._chance.random() < self._faults.duplicate else 1
        for _ in range(times):
            told = await self._tell(self._qimen.confirmation(effect, self._owner, datetime.now(UTC)))
            self._ledger.told(effect.id, confirmed=told)

    async def _tell(self, call: Call) -> bool:
        try:
            reply = await asyncio.to_thread(self._line.send, call)
        except (NotSentError, NoAnswerError):
            return False
        return reply.status == 200


def _orders(body: bytes) -> Iterator[xmltext.Node]:
    return xmltext.read(body).all("orders/order/deliveryOrder")


async def serve(warehouse: Warehouse, host: str, port: int, ready: Callable[[], None]) -> None:
    """Serve until SIGINT or SIGTERM."""
    server = Server(
        warehouse,
        address=host,
        port=port,
        interface=Interfaces.RSGI,
        http=HTTPModes.http1,
        websockets=False,
        log_level=LogLevels.error,
    )
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, server.stop)
    shipping = asyncio.create_task(warehouse.ship())
    ready()
    await server.serve()
    shipping.cancel()
