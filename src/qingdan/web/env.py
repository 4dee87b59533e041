"""Readers of environment settings that fail loudly on a bad value."""

import os
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

import platformdirs
from django.core.exceptions import ImproperlyConfigured


def flag(name: str, *, default: bool) -> bool:
    """Read a yes/no setting."""
    raw = os.environ.get(name)
    if raw is None:
        return default
    if raw.lower() in {"1", "true", "yes", "on"}:
        return True
    if raw.lower() in {"0", "false", "no", "off", ""}:
        return False
    raise ImproperlyConfigured(f"{name} must be one of 1, 0, true, false, yes, no; it is {raw!r}.")


def number(name: str, *, default: int) -> int:
    """Read a whole-number setting."""
    raw = os.environ.get(name, "")
    if not raw:
        return default
    if not raw.isascii() or not raw.isdigit():
        raise ImproperlyConfigured(f"{name} must be a whole number; it is {raw!r}.")
    return int(raw)


def home() -> Path:
    """Return the data directory: ``QINGDAN_HOME``, else the user's data directory."""
    raw = os.environ.get("QINGDAN_HOME")
    return Path(raw).expanduser().resolve() if raw else platformdirs.user_data_path("qingdan")


def database(url: str, *, pool: int = 0) -> dict[str, object]:
    """Turn ``postgresql://user:password@host:port/name?option=value`` into Django's settings.

    A socket directory may stand as ``?host=/path``, as libpq allows. With ``pool``, connections come from a
    pool of at most that many a process; otherwise each thread keeps its own.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ImproperlyConfigured(
            f"DATABASE_URL must begin with postgresql://; Qingdan runs on PostgreSQL only. It begins with "
            f"{parts.scheme or 'nothing'!r}."
        )
    options: dict[str, object] = dict(parse_qsl(parts.query))
    if pool:
        options["pool"] = {"min_size": 1, "max_size": pool, "timeout": 10}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or "qingdan",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", parts.hostname or ""),
        "PORT": str(parts.port or options.pop("port", "")),
        "OPTIONS": options,
        "CONN_MAX_AGE": 0 if pool else 60,
        "CONN_HEALTH_CHECKS": True,
    }
