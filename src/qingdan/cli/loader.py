"""Loading of Django, which must come after the database's address is known and before any model is imported."""

import importlib
import os
from types import ModuleType

import click
import django

from qingdan.core.message import LANGUAGES
from qingdan.web import database


def load() -> ModuleType:
    """Load Django and return ``cli.tasks``, which can not be imported before."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qingdan.web.settings")
    django.setup()
    return importlib.import_module("qingdan.cli.tasks")


def tasks() -> ModuleType:
    """Bring up the database, then load Django and return ``cli.tasks``."""
    try:
        database.ensure()
    except database.ServerError as failed:
        message = failed.message
        said = (text(language) for language in LANGUAGES for text in (message.text, message.advice_text))
        raise click.ClickException("\n".join(said)) from failed
    return load()
