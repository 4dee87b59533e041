"""How warehouses that speak JSON are told amounts and moments."""

import json
from datetime import UTC, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

ZONE: Final = ZoneInfo("Asia/Shanghai")
_BUSY: Final = ("频率", "频繁", "并发", "繁忙", "限流", "稍后", "超限", "too many", "limit", "busy")
_OURS: Final = ("sign", "签名", "timestamp", "时间戳", "token", "授权", "权限", "appkey", "app_key", "app auth", "sid")


def amount(fen: int) -> float:
    """Yuan as a JSON number; its two decimals are exact as written."""
    return fen / 100


def moment(at: datetime | None) -> str:
    """Moment in Beijing time; empty when there is none."""
    return at.astimezone(ZONE).strftime("%Y-%m-%d %H:%M:%S") if at else ""


def instant(text: str) -> datetime | None:
    """Read a moment in Beijing time; None when it is none."""
    try:
        return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=ZONE).astimezone(UTC)
    except (TypeError, ValueError):
        return None


def encode(value: object) -> str:
    """JSON without blanks, Chinese as it is."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def parse(body: bytes) -> dict[str, Any] | None:
    """Read a JSON object; None for anything else."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def rows(value: object) -> list[dict[str, Any]]:
    """Objects of a list; anything else counts as none."""
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def text(row: dict[str, Any], name: str) -> str:
    """Text of a value, stripped; empty for null."""
    value = row.get(name)
    return "" if value is None else str(value).strip()


def whole(value: object) -> int:
    """Whole number of a value that may be text; 0 for anything else."""
    try:
        return int(float(str(value)))
    except (ValueError, OverflowError):
        return 0


def is_busy(words: str) -> bool:
    """Whether words say that there were too many calls."""
    return _mention(words, _BUSY)


def is_ours(words: str) -> bool:
    """Whether words say that our key, signature, clock or right was refused, and not the order."""
    return _mention(words, _OURS)


def _mention(words: str, any_of: tuple[str, ...]) -> bool:
    lower = words.lower()
    return any(word in lower for word in any_of)
