"""``qingdan sandbox``: simulated outside systems to try Qingdan on."""

import asyncio
from pathlib import Path

import click

from qingdan.sandbox.wms.faults import Faults
from qingdan.sandbox.wms.ledger import Ledger
from qingdan.sandbox.wms.qimen import Keys, Qimen
from qingdan.sandbox.wms.server import Warehouse, serve


@click.group()
def sandbox() -> None:
    """模拟的外部系统。 Simulated outside systems."""


@sandbox.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="监听地址 Address to listen on.")
@click.option("--port", default=8100, show_default=True, type=click.IntRange(1, 65535), help="端口 Port.")
@click.option(
    "--ledger",
    default=Path("sandbox-wms.sqlite"),
    show_default=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="账本文件 The warehouse's own ledger.",
)
@click.option("--owner", default="", help="出库确认发到哪里 Address that shipments are reported to.")
@click.option("--secret", default="sandbox-secret", show_default=True, help="签名密钥 Secret of the signatures.")
@click.option("--ship-after", default=60.0, show_default=True, type=float, help="多少秒后发货 Seconds to ship.")
@click.option("--fault", multiple=True, metavar="NAME=VALUE", help="故障，如 late=0.15 Faults, such as late=0.15.")
@click.option("--seed", default=None, type=int, help="故障的随机种子 Seed of the faults.")
def wms(  # noqa: PLR0917 - click passes the options by name
    host: str,
    port: int,
    ledger: Path,
    owner: str,
    secret: str,
    ship_after: float,
    fault: tuple[str, ...],
    seed: int | None,
) -> None:
    """模拟仓库：说真协议、验真签名、有自己的账本，也会按要求捣乱。 A simulated warehouse."""
    faults = Faults()
    try:
        faults.change({name: float(value) for name, _, value in (text.partition("=") for text in fault)})
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--fault") from error
    kept = Ledger(ledger)
    qimen = Qimen(kept, faults, Keys(secret=secret), ship_after)
    warehouse = Warehouse(qimen, kept, faults, owner, seed)
    at = f"http://{host}:{port}"
    said = (
        f"模拟仓库在 {at} ，账本 {ledger}\n"
        f"  奇门 {at}/qimen\n"
        f"  旺店通旗舰版 {at}/wangdian/openapi\n"
        f"  旺店通企业版 {at}/wangdian_enterprise/openapi2\n"
        f"  聚水潭 {at}/jushuitan"
    )
    asyncio.run(serve(warehouse, host, port, lambda: click.echo(said)))
    kept.close()
