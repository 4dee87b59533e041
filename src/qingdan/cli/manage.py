"""Django's management commands, on the same database as everything else."""

import os

import click
from django.core.management import execute_from_command_line

from qingdan.web import database


@click.command(context_settings={"ignore_unknown_options": True, "allow_extra_args": True, "help_option_names": []})
@click.pass_context
def manage(ctx: click.Context) -> None:
    """Run one of Django's management commands."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qingdan.web.settings")
    database.ensure()
    execute_from_command_line(["qingdan manage", *ctx.args])
