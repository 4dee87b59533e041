"""Databases for the tests: copies of a template that has every migration, which takes longer than many a test file."""

import hashlib
import os
import subprocess
import sys
import time
from importlib import import_module
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from django.apps import apps
from psycopg import sql

_LOCK = 0x71DF
_DAY = 86_400
_KEPT = 3
"""Templates of so many states of the migrations stay, for those who go to and fro between branches."""


def name(run: str, worker: str) -> str:
    """Name of one worker's database; it begins with the time, so that what a killed run leaves is found."""
    return f"test_{int(time.time()) // _DAY}_{run[:12]}_{worker}"


def copy(server: str, run: str, purpose: str) -> str:
    """Copy the template for something that is no pytest worker; return the copy's address."""
    original, made = template(server), name(run, purpose)
    with psycopg.connect(server, autocommit=True) as connection:
        _drop(connection, made)
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(made), sql.Identifier(original))
        )
    return _address(server, made)


def template(server: str) -> str:
    """Name of a database on ``server`` with this tree's migrations applied, made if there is none yet."""
    wanted = f"template_{_migrations()}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
        found = [row[0] for row in connection.execute("SELECT datname FROM pg_database ORDER BY oid")]
        if wanted not in found:
            half = f"{wanted}_half"
            _drop(connection, half)
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(half)))
            subprocess.run(
                [sys.executable, "-m", "qingdan", "manage", "migrate", "--verbosity=0"],
                env={**os.environ, "DATABASE_URL": _address(server, half)},
                check=True,
            )
            connection.execute(
                sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(half), sql.Identifier(wanted))
            )
        today = int(time.time()) // _DAY
        left = [
            one for one in found if one.startswith("test_") and one.split("_")[1] not in {str(today), str(today - 1)}
        ]
        old = [one for one in found if one.startswith("template_") and one != wanted][:-_KEPT]
        for one in (*left, *old):
            _drop(connection, one)
    return wanted


def _address(server: str, database: str) -> str:
    return urlunsplit(urlsplit(server)._replace(path=f"/{database}"))


def _drop(connection: psycopg.Connection[tuple[object, ...]], database: str) -> None:
    connection.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(database)))


def _migrations() -> str:
    """Digest of every migration of the installed apps."""
    digest = hashlib.sha256()
    for app in sorted(apps.get_app_configs(), key=lambda app: app.label):
        folders = [Path(app.path) / "migrations"]
        if app.label == "procrastinate":
            folders.append(Path(import_module("procrastinate").__file__ or "").parent / "sql")
        for folder in folders:
            for path in sorted(folder.rglob("*")):
                if path.suffix in {".py", ".sql"}:
                    digest.update(f"{app.label}/{path.name}\n".encode() + path.read_bytes())
    return digest.hexdigest()[:16]
