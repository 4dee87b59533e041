"""The ``qingdan`` console command. A command is imported when it is called, so that reading files needs no Django."""

from importlib import import_module
from typing import Final, cast

import click

from qingdan import __version__

COMMANDS: Final[dict[str, tuple[str, str]]] = {
    "review": (
        "qingdan.cli.review:review",
        "审核平台导出文件，不需要数据库 / Review exports without a database",
    ),
    "import": ("qingdan.cli.imports:import_", "把导出文件导入订单库 / Import exports into the store"),
    "watch": ("qingdan.cli.watch:watch", "看着一个文件夹，自动导入 / Import what appears in a folder"),
    "sample": ("qingdan.cli.sample:sample", "生成真实格式的样例文件 / Write realistic sample exports"),
    "policy": ("qingdan.cli.policy:policy", "检查、整理、解释审单策略 / Check, format and explain policies"),
    "demo": ("qingdan.cli.serve:demo", "带演示数据启动 / Start with demo data"),
    "serve": ("qingdan.cli.serve:serve", "启动服务 / Start the server"),
    "worker": ("qingdan.cli.serve:worker", "只启动后台任务进程 / Start a background worker only"),
    "relay": ("qingdan.cli.relay:relay", "只启动出库推送 / Run only the relay to the warehouses"),
    "sandbox": ("qingdan.cli.sandbox:sandbox", "模拟的仓库 / A simulated warehouse"),
    "user": ("qingdan.cli.serve:user", "管理账号 / Manage users"),
    "api-schema": ("qingdan.cli.serve:api_schema", "输出接口说明 OpenAPI / Print the OpenAPI document"),
    "manage": ("qingdan.cli.manage:manage", "Django 管理命令 / Django's management commands"),
}


class Lazy(click.Group):
    """A group whose commands are imported by name."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Names in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import the command."""
        if cmd_name not in COMMANDS:
            return None
        module, name = COMMANDS[cmd_name][0].split(":")
        return cast("click.Command", getattr(import_module(module), name))

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.group(cls=Lazy)
@click.version_option(__version__, prog_name="qingdan")
def main() -> None:
    """Qingdan 清单:订单审核台与积压清理塔台。"""
