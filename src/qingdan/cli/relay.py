"""``qingdan relay``: sends what must leave for the warehouses."""

import click

from qingdan.cli.loader import tasks
from qingdan.cli.serve import supervise


@click.command()
def relay() -> None:
    """只启动出库推送。 Run only the relay that sends released orders to the warehouses."""
    work = tasks()
    work.migrate()
    work.close()
    supervise(["relay"])
