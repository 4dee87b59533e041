"""Ship-by defaults and the rule packs of the platforms, that come with the program."""

import functools
from importlib import resources

from qingdan.core.shiprules import Pack, load_pack


def defaults_text() -> str:
    """YAML text of the ship-by defaults."""
    return resources.files(__package__).joinpath("defaults.yaml").read_text(encoding="utf-8")


def pack_texts() -> dict[str, str]:
    """YAML text of each rule pack by file name, to be copied and edited by a supervisor."""
    files = sorted(resources.files(__package__).iterdir(), key=lambda file: file.name)
    return {
        file.name: file.read_text(encoding="utf-8")
        for file in files
        if file.name.endswith(".yaml") and file.name != "defaults.yaml"
    }


@functools.cache
def packs() -> tuple[Pack, ...]:
    """Rule packs as they come; every amount in them waits to be checked by the shop."""
    return tuple(load_pack(text, source=name) for name, text in pack_texts().items())


def schema_text() -> str:
    """JSON schema of rule packs."""
    return resources.files(__package__).joinpath("ship-rules.schema.json").read_text(encoding="utf-8")
