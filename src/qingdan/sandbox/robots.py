"""Simulated group robots that speak like DingTalk's, Feishu's and WeCom's and enforce their limits.

What they got and how often a limit was broken can be looked at; the clock is given, so that a test may turn it.
"""

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

_HOUR: Final = 3600.0
_BAN: Final = 600.0
_MOST: Final = 20_000
_MARKDOWN: Final = 4_096


@dataclass(slots=True)
class RobotServer:
    """Robots of all three vendors behind one address: ``/dingtalk``, ``/feishu`` and ``/wecom``."""

    clock: Callable[[], float]
    secret: str
    got: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    tripped: list[str] = field(default_factory=list)
    _sent: dict[str, list[float]] = field(default_factory=dict)
    _muted: dict[str, float] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def serve(self) -> ThreadingHTTPServer:
        """Return a server on a free port of the loopback address; the caller runs and closes it."""
        robots = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                answer = json.dumps(robots.answer(self.path, body)).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        return ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    def answer(self, path: str, body: bytes) -> dict[str, Any]:
        """Take one message and answer as the vendor does."""
        parts = urlsplit(path)
        vendor = parts.path.strip("/")
        with self._lock:
            match vendor:
                case "dingtalk":
                    return self._dingtalk(parts.query, body)
                case "feishu":
                    return self._feishu(body)
                case "wecom":
                    return self._wecom(body)
        return {"errcode": 404, "errmsg": "no such robot"}

    def _allowed(self, vendor: str, *limits: tuple[int, float]) -> bool:
        now = self.clock()
        if now < self._muted.get(vendor, 0.0):
            self.tripped.append(vendor)
            return False
        before = self._sent.setdefault(vendor, [])
        for count, seconds in limits:
            if sum(moment > now - seconds for moment in before) >= count:
                self.tripped.append(vendor)
                if vendor == "dingtalk":
                    self._muted[vendor] = now + _BAN
                return False
        before.append(now)
        return True

    def _keep(self, vendor: str, message: dict[str, Any]) -> None:
        self.got.setdefault(vendor, []).append(message)

    def _dingtalk(self, query: str, body: bytes) -> dict[str, Any]:
        asked = {name: values[0] for name, values in parse_qs(query).items()}
        stamp = asked.get("timestamp", "")
        if not stamp.isdigit() or abs(int(stamp) / 1000 - self.clock()) > _HOUR:
            return {"errcode": 310000, "errmsg": "invalid timestamp"}
        if not _same(asked.get("sign", ""), self.secret, f"{stamp}\n{self.secret}"):
            return {"errcode": 310000, "errmsg": "sign not match"}
        if not self._allowed("dingtalk", (20, 60.0)):
            return {"errcode": 130101, "errmsg": "send too fast, exceed 20 times per minute"}
        if len(body) > _MOST:
            return {"errcode": 40035, "errmsg": "message too long"}
        self._keep("dingtalk", json.loads(body))
        return {"errcode": 0, "errmsg": "ok"}

    def _feishu(self, body: bytes) -> dict[str, Any]:
        message = json.loads(body)
        stamp = str(message.get("timestamp", ""))
        fresh = stamp.isdigit() and abs(int(stamp) - self.clock()) <= _HOUR
        if not fresh or not _same(str(message.get("sign", "")), f"{stamp}\n{self.secret}", ""):
            return {"code": 19021, "msg": "sign match fail or timestamp is not within one hour from current time"}
        if not self._allowed("feishu", (5, 1.0), (100, 60.0)):
            return {"code": 11232, "msg": "frequency limited"}
        if len(body) > _MOST:
            return {"code": 19036, "msg": "body too long"}
        self._keep("feishu", message)
        return {"code": 0, "msg": "success", "data": {}, "StatusCode": 0, "StatusMessage": "success"}

    def _wecom(self, body: bytes) -> dict[str, Any]:
        message = json.loads(body)
        if not self._allowed("wecom", (20, 60.0)):
            return {"errcode": 45009, "errmsg": "api freq out of limit"}
        if len(message["markdown"]["content"].encode()) > _MARKDOWN:
            return {"errcode": 40058, "errmsg": "markdown.content exceed max length 4096"}
        self._keep("wecom", message)
        return {"errcode": 0, "errmsg": "ok"}


def _same(given: str, key: str, text: str) -> bool:
    wanted = base64.b64encode(hmac.new(key.encode(), text.encode(), hashlib.sha256).digest()).decode()
    return hmac.compare_digest(given, wanted)
