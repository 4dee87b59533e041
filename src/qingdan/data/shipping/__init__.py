"""Ship-by defaults that come with the program."""

from importlib import resources


def defaults_text() -> str:
    """YAML text of the ship-by defaults."""
    return resources.files(__package__).joinpath("defaults.yaml").read_text(encoding="utf-8")
