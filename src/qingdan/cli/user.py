"""Commands on users: ``user create`` and ``user password``."""

import click

from qingdan.cli.loader import tasks
from qingdan.people.errors import PeopleError
from qingdan.people.rights import ROLE_LABELS, Role

_ROLES = "、".join(f"{role.value} {ROLE_LABELS[role].zh}" for role in Role)


@click.group()
def user() -> None:
    """管理用户。 Manage users."""


@user.command()
@click.argument("login")
@click.option("--name", required=True, help="姓名 Name.")
@click.option("--merchant", required=True, help="商家名，没有就新建 Merchant; made when there is none of that name.")
@click.option(
    "--role",
    "roles",
    multiple=True,
    required=True,
    type=click.Choice([r.value for r in Role]),
    help=f"角色 Role: {_ROLES}",
)
@click.option("--staff", is_flag=True, help="可进后台 /admin May open the admin site.")
@click.password_option(help="密码，不写就提示输入 Password; asked for when not given.")
def create(*, login: str, name: str, merchant: str, roles: tuple[str, ...], staff: bool, password: str) -> None:
    """新建用户。 Create a user."""
    work = tasks()
    work.migrate()
    try:
        work.create_user(login=login, name=name, merchant=merchant, roles=roles, password=password, staff=staff)
    except PeopleError as refused:
        raise _explained(refused) from refused
    click.echo(f"已创建用户 {login}。 User {login} is created.")


@user.command(name="password")
@click.argument("login")
@click.password_option(help="新密码，不写就提示输入 New password; asked for when not given.")
def change_password(login: str, password: str) -> None:
    """重设密码，并结束该用户的所有登录。 Set a new password and end the user's sessions."""
    work = tasks()
    work.migrate()
    try:
        work.actions.change_password(login=login, password=password)
    except PeopleError as refused:
        raise _explained(refused) from refused
    click.echo(f"已重设 {login} 的密码。 The password of {login} is set.")


def _explained(refused: PeopleError) -> click.ClickException:
    message = refused.message
    return click.ClickException(
        f"{message.text('zh')} {message.advice_text('zh')}\n{message.text('en')} {message.advice_text('en')}"
    )
