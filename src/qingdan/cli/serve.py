"""Commands that run the server: ``serve``, ``demo`` and ``worker``; ``user`` and ``api-schema`` beside them."""

import errno
import ipaddress
import os
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from typing import Final

import click

from qingdan.cli.loader import load, tasks
from qingdan.cli.user import user
from qingdan.people.demo import DEMO_PASSWORD, DEMO_PEOPLE
from qingdan.web import env
from qingdan.web.supervisor import Child, ChildKeepsDyingError, Supervisor

__all__ = ["api_schema", "demo", "serve", "user", "worker"]

POOL_A_PROCESS: Final = 8
"""Database connections a web process may hold; the embedded server allows 64 in all."""

SANDBOX_PORT: Final = 8100
DEMO_SHIP_SECONDS: Final = 90
"""How long the demo's warehouse takes to ship."""

_START_SECONDS: Final = 60.0
_PORTS_TO_TRY: Final = 20


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="监听地址 Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="端口 Port; 0 = any.")
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1, 16), help="网页进程数 Web processes.")
def serve(host: str, port: int, workers: int) -> None:
    """启动服务：网页、接口和后台任务。 Serve the web pages, the API and the background jobs."""
    work = tasks()
    work.migrate()
    work.close()
    _run(host, port, workers)


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="监听地址 Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="端口 Port; 0 = any.")
def demo(host: str, port: int) -> None:
    """启动演示：示例商家、各角色账号和样例订单。 Serve a demo merchant with a login per role and sample orders."""
    os.environ["QINGDAN_DEMO"] = "1"
    folder = env.home() / "demo"
    work = tasks()
    work.migrate()
    click.echo("正在准备演示数据…… Preparing the demo…")
    work.prepare_demo(folder)
    port_of_wms = _free_port("127.0.0.1", SANDBOX_PORT)
    inbound = work.connect_sandbox(f"http://127.0.0.1:{port_of_wms}/qimen", folder)
    work.close()
    click.echo(f"样例文件在 Sample files are in {folder}")
    logins = " / ".join(person.login for person in DEMO_PEOPLE)
    ledger = str(env.home() / "demo" / "wms.sqlite")

    def warehouse(address: str) -> Child:
        arguments = ["sandbox", str(port_of_wms), ledger, address + inbound, str(DEMO_SHIP_SECONDS)]
        return Child("sandbox", arguments, dict(os.environ))

    _run(host, port, 1, f"  登录 log in as {logins}  密码 password {DEMO_PASSWORD}", more=warehouse)


@click.command()
def worker() -> None:
    """只运行后台任务。 Run only the background jobs."""
    work = tasks()
    work.migrate()
    work.close()
    _supervise([_worker_child()], ready=None)


@click.command("api-schema")
def api_schema() -> None:
    """输出接口说明。 Print the OpenAPI description of the HTTP API."""
    click.echo(load().api_schema(), nl=False)


def _run(host: str, port: int, workers: int, logins: str = "", more: Callable[[str], Child] | None = None) -> None:
    _warn_if_open(host)
    chosen = _free_port(host, port)
    if port not in {0, chosen}:
        click.secho(
            f"端口 {port} 已被占用，改用 {chosen}。 Port {port} is in use; using {chosen} instead.",
            fg="yellow",
            err=True,
        )
    shown = f"[{host}]" if ":" in host else host
    shown = {"0.0.0.0": "127.0.0.1", "[::]": "[::1]"}.get(shown, shown)  # noqa: S104 - only compared
    address = f"http://{shown}:{chosen}"
    environment = {**os.environ, "QINGDAN_DB_POOL": str(POOL_A_PROCESS)}
    web = Child("web", ["web", host, str(chosen), str(workers)], environment)
    relay = Child("relay", ["relay"], dict(os.environ))
    sender = Child("sender", ["sender"], dict(os.environ))
    extra = [more(address)] if more else []
    _supervise([web, _worker_child(), relay, sender, *extra], ready=address, logins=logins)


def supervise(names: Sequence[str]) -> None:
    """Run children by name, ``worker``, ``relay`` or ``sender``, until a stop is asked for."""
    _supervise([Child(name, [name], dict(os.environ)) for name in names], ready=None)


def _worker_child() -> Child:
    return Child("worker", ["worker"], dict(os.environ))


def _supervise(children: list[Child], *, ready: str | None, logins: str = "") -> None:
    supervisor = Supervisor(children)
    with supervisor.signals():
        supervisor.start()
        try:
            if ready and _wait_until_up(supervisor, ready):
                click.echo(f"清单已启动 Qingdan is at {ready}{logins}  (Ctrl-C 停止 stops)")
            supervisor.watch()
        except ChildKeepsDyingError as failed:
            raise click.ClickException(
                f"{failed.name} 进程启动后反复退出，原因见上面的输出。 {failed} The output above says why."
            ) from failed
        finally:
            supervisor.stop()


def _wait_until_up(supervisor: Supervisor, address: str) -> bool:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        if supervisor.watch(0.2):
            return False
        if _answers(f"{address}/healthz"):
            return True
    return True


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as response:  # noqa: S310 - our own http address
            return bool(response.status == 200)
    except (urllib.error.URLError, TimeoutError, ConnectionError):
        return False


def _free_port(host: str, wanted: int) -> int:
    """Return ``wanted`` if it is free, else the next free port, else any."""
    candidates = [*range(wanted, min(wanted + _PORTS_TO_TRY, 65536)), 0] if wanted else [0]
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for candidate in candidates:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            if os.name == "posix":
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, candidate))
            except OSError as refused:
                if refused.errno in {errno.EADDRINUSE, errno.EACCES} and candidate:
                    continue
                raise click.ClickException(f"不能监听 {host}。 Can not listen on {host}: {refused}") from refused
            port: int = probe.getsockname()[1]
            return port
    raise AssertionError("Port 0 is always free.")


def _warn_if_open(host: str) -> None:
    """Say loudly when other computers will reach a server that is not set up for them."""
    try:
        loopback = ipaddress.ip_address(host).is_loopback
    except ValueError:
        loopback = host == "localhost"
    if loopback:
        return
    missing = []
    if not env.flag("QINGDAN_HTTPS", default=False):
        missing.append("QINGDAN_HTTPS=1")
    if "QINGDAN_ALLOWED_HOSTS" not in os.environ:
        missing.append("QINGDAN_ALLOWED_HOSTS=…")
    if missing:
        click.secho(
            f"警告：{host} 会让其他电脑访问到本服务，但没有设置 {'、'.join(missing)}。"
            "请放在 HTTPS 反向代理之后再开放。\n"
            f"WARNING: {host} lets other computers reach this server, but {' and '.join(missing)} is not set. "
            "Put it behind an HTTPS reverse proxy first.",
            fg="red",
            bold=True,
            err=True,
        )
    if env.flag("QINGDAN_DEMO", default=False):
        click.secho(
            "警告：演示账号的密码是公开的。 WARNING: the demo's passwords are public.", fg="red", bold=True, err=True
        )
