"""Group robots of DingTalk, Feishu and WeCom: signing, message forms, sizes and answers. Pure; ``now`` is given.

Each has its own signature, its own rich text and its own way to say no with HTTP status 200.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal
from urllib.parse import quote

from qingdan.alerts.pace import Limit

Vendor = Literal["dingtalk", "feishu", "wecom"]
VENDORS: Final[tuple[Vendor, ...]] = ("dingtalk", "feishu", "wecom")


@dataclass(frozen=True, slots=True)
class Robot:
    """A robot: its webhook address, which is a secret, and the key it signs with, where it has one."""

    vendor: Vendor
    url: str
    secret: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """One message: a title, lines of the markdown that all three know, and whom to call by name."""

    title: str
    lines: tuple[str, ...]
    urgent: bool = False
    mentions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Post:
    """An HTTP POST of JSON."""

    url: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """What the robot said: ``sent``, ``throttled`` (try later), ``refused`` (a person must look) or ``unclear``."""

    outcome: Literal["sent", "throttled", "refused", "unclear"]
    code: str = ""
    said: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """Limits of a vendor: bytes of a message, and messages in windows of time, a little under what it allows."""

    size: int
    limits: tuple[Limit, ...]
    throttled: frozenset[str]


FORMS: Final[Mapping[Vendor, Form]] = {
    # over 20 a minute the robot is mute for ten minutes
    "dingtalk": Form(18_000, (Limit(18, 60.0),), frozenset({"130101", "-1"})),
    "feishu": Form(18_000, (Limit(4, 1.0), Limit(90, 60.0)), frozenset({"11232"})),
    "wecom": Form(4_000, (Limit(18, 60.0),), frozenset({"45009", "-1"})),
}


def post(robot: Robot, notice: Notice, *, now: float) -> Post:
    """Make the request that sends ``notice``; ``now`` is the time in seconds, which signatures hold for an hour."""
    match robot.vendor:
        case "dingtalk":
            return _dingtalk(robot, notice, now)
        case "feishu":
            return _feishu(robot, notice, now)
        case "wecom":
            return _wecom(robot, notice)


def dingtalk_sign(timestamp: str, secret: str) -> str:
    """DingTalk's signature: the secret signs time and secret; milliseconds."""
    return _signed(secret, f"{timestamp}\n{secret}")


def feishu_sign(timestamp: str, secret: str) -> str:
    """Feishu's signature: time and secret sign nothing; seconds."""
    return _signed(f"{timestamp}\n{secret}", "")


def _signed(key: str, text: str) -> str:
    return base64.b64encode(hmac.new(key.encode(), text.encode(), hashlib.sha256).digest()).decode()


def _json(body: Mapping[str, Any]) -> bytes:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def _dingtalk(robot: Robot, notice: Notice, now: float) -> Post:
    url = robot.url
    if robot.secret:
        timestamp = str(int(now * 1000))
        url += f"&timestamp={timestamp}&sign={quote(dingtalk_sign(timestamp, robot.secret), safe='')}"
    called = [" ".join(f"@{person}" for person in notice.mentions)] if notice.mentions else []
    # a line of its own needs a blank one before it
    text = "\n\n".join([f"### {notice.title}", *notice.lines, *called])
    body = {
        "msgtype": "markdown",
        "markdown": {"title": notice.title, "text": text},
        "at": {"atMobiles": list(notice.mentions), "isAtAll": False},
    }
    return Post(url, _json(body))


def _feishu(robot: Robot, notice: Notice, now: float) -> Post:
    called = ["".join(f"<at id={person}></at>" for person in notice.mentions)] if notice.mentions else []
    body: dict[str, Any] = {
        "msg_type": "interactive",
        "card": {
            "header": {
                "title": {"tag": "plain_text", "content": notice.title},
                "template": "red" if notice.urgent else "blue",
            },
            "elements": [{"tag": "markdown", "content": "\n".join([*notice.lines, *called])}],
        },
    }
    if robot.secret:
        timestamp = str(int(now))
        body = {"timestamp": timestamp, "sign": feishu_sign(timestamp, robot.secret), **body}
    return Post(robot.url, _json(body))


def _wecom(robot: Robot, notice: Notice) -> Post:
    called = ["".join(f"<@{person}>" for person in notice.mentions)] if notice.mentions else []
    text = "\n".join([f"### {notice.title}", *notice.lines, *called])
    return Post(robot.url, _json({"msgtype": "markdown", "markdown": {"content": text}}))


def answer(vendor: Vendor, status: int, body: bytes) -> Answer:
    """Read an answer; the HTTP status is 200 even for a no."""
    try:
        told = json.loads(body)
    except ValueError:
        return Answer("unclear", str(status))
    if status >= 500 or not isinstance(told, dict):
        return Answer("unclear", str(status))
    # Feishu has an old name for the code, too
    code = str(told.get("errcode", told.get("code", told.get("StatusCode", ""))))
    said = str(told.get("errmsg", told.get("msg", told.get("StatusMessage", ""))))
    if code == "0":
        return Answer("sent", code)
    return Answer("throttled" if code in FORMS[vendor].throttled else "refused", code, said)
