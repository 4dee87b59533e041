"""``qingdan policy``: check, format and explain policy files."""

import json
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from importlib import import_module
from pathlib import Path
from typing import Final, NoReturn, TextIO, cast

import click

from qingdan.core.fields import Type
from qingdan.core.message import LANGUAGES, Language, Words
from qingdan.core.policy import Policy, PolicyError, Severity, compile_policy, explain, load_policy
from qingdan.core.policy.fmt import format_policy
from qingdan.core.policy.schema import policy_schema
from qingdan.core.policy.vocabulary import RULE_FIELDS
from qingdan.core.shipping import read_ship_defaults
from qingdan.data.shipping import defaults_text

_CHECKED = Words(
    "{id}：{rules} 条规则、{tiers} 个分级，{warnings} 处提醒，版本 {version}",
    "{id}: {rules} rules, {tiers} tiers, {warnings} warnings, version {version}",
)
_STORED: Final = ("diff", "backtest", "publish", "suggest")
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_LANGUAGE = click.option(
    "--language", type=click.Choice(LANGUAGES), default="zh", show_default=True, help="Language of the output."
)


class _Group(click.Group):
    """Commands on files, and those beside the live policy, which are imported when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names of both kinds."""
        return [*super().list_commands(ctx), *_STORED]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command that needs the store."""
        if cmd_name not in _STORED:
            return super().get_command(ctx, cmd_name)
        return cast("click.Command", getattr(import_module("qingdan.cli.policy_store"), cmd_name))


@click.group(cls=_Group)
def policy() -> None:
    """Check, format, explain, test and publish review policies 审单策略."""


@policy.command()
@click.argument("file", type=_FILE)
@_LANGUAGE
def check(file: Path, language: Language) -> None:
    """Print every problem of FILE with its place; exit 1 when there are errors."""
    loaded = load_file(file, language)
    for warning in loaded.warnings:
        click.echo(warning.text(language))
    counts = {
        "id": loaded.id,
        "rules": len(loaded.rules) - len(loaded.tiers),
        "tiers": len(loaded.tiers),
        "warnings": len(loaded.warnings),
        "version": loaded.hash[:12],
    }
    click.echo(_CHECKED.text(language, counts))


@policy.command()
@click.argument("file", type=_FILE)
@_LANGUAGE
@click.option("--write", is_flag=True, help="Change FILE instead of printing.")
def fmt(file: Path, language: Language, *, write: bool) -> None:
    """Rewrite the conditions of FILE in canonical text; comments and layout stay."""
    try:
        text = format_policy(read_file(file), language, source=str(file))
    except PolicyError as error:
        _report(error, language)
    if write:
        file.write_text(text, encoding="utf-8")
    else:
        click.echo(text, nl=False)


@policy.command(name="explain")
@click.argument("file", type=_FILE)
@click.argument("order", type=click.File(encoding="utf-8"))
@_LANGUAGE
@click.option("--as-of", help="Moment of the decision, ISO 8601 with offset; now when left out.")
def explain_command(file: Path, order: TextIO, language: Language, as_of: str | None) -> None:
    """Explain what FILE decides on ORDER, a JSON file (or -) with one order by field ids."""
    compiled = compile_policy(load_file(file, language))
    try:
        values = read_order(json.load(order))
        moment = _time(as_of) if as_of else datetime.now(UTC)
    except ValueError as error:
        raise click.ClickException(str(error)) from error
    shipping = read_ship_defaults(defaults_text())
    facts = explain(compiled, values, moment, language, shipping=shipping).to_dict()
    click.echo(json.dumps(facts, ensure_ascii=False, indent=2))


@policy.command()
def schema() -> None:
    """Print the JSON schema of policy files."""
    click.echo(schema_json(), nl=False)


def schema_json() -> str:
    """JSON text of the schema, as published with the program."""
    return json.dumps(policy_schema(), ensure_ascii=False, indent=2) + "\n"


def read_order(data: object) -> dict[str, object]:
    """Order of rule values from its JSON form: money as fen or ``"612.00"``, times as ISO 8601 with offset.

    A field that is absent has the catalogue's default, as at intake; one that has none is unknown.
    Raises ValueError that names the field which does not fit.
    """
    if not isinstance(data, Mapping):
        raise ValueError("订单应当是一个 JSON 对象 (the order must be a JSON object)")  # noqa: TRY004 - shown to people
    types = {f.id: f for f in RULE_FIELDS}
    unknown = [str(key) for key in data if key not in types]
    if unknown:
        raise ValueError(f"不认识的字段 (unknown fields): {', '.join(unknown)}")
    defaults = {f.id: f.default for f in RULE_FIELDS if f.default is not None}
    given = {key: _value(key, types[key].type, types[key].value_ids, value) for key, value in data.items()}
    return {**defaults, **given}


def _value(name: str, kind: Type, ids: tuple[str, ...], value: object) -> object:  # noqa: PLR0911 - one arm a kind of node
    match kind, value:
        case _, None:
            return None
        case Type.MONEY, str():
            return _fen(name, value)
        case ((Type.MONEY | Type.INT), int()) if not isinstance(value, bool):
            return value
        case Type.TIME, str():
            return _time(value)
        case Type.ENUM, str() if value in ids:
            return value
        case Type.ENUM_LIST, list() if all(item in ids for item in value):
            return value
        case (Type.BOOL, bool()) | (Type.TEXT, str()):
            return value
    raise ValueError(f"字段 {name} 的值不对 (bad value): {value!r}")


def _fen(name: str, text: str) -> int:
    try:
        exact = Decimal(text) * 100
        whole = int(exact)
    except (InvalidOperation, OverflowError, ValueError) as error:
        raise ValueError(f"字段 {name} 的金额不对 (bad amount): {text}") from error
    if whole != exact:
        raise ValueError(f"字段 {name} 的金额最多两位小数 (at most two decimals): {text}")
    return whole


def _time(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"时间缺少时区，如 +08:00 (the time needs an offset): {text}")
    return moment.astimezone(UTC)


def read_file(file: Path) -> str:
    """Text of a policy file."""
    try:
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise click.ClickException(f"{file}: 文件不是 UTF-8 编码 (not UTF-8)") from error


def load_file(file: Path, language: Language) -> Policy:
    """Policy of a file; prints its problems and exits with 1 when it has errors."""
    try:
        return load_policy(read_file(file), source=str(file))
    except PolicyError as error:
        _report(error, language)


def _report(error: PolicyError, language: Language) -> NoReturn:
    for problem in error.problems:
        click.echo(problem.text(language), err=problem.severity is Severity.ERROR)
    sys.exit(1)
