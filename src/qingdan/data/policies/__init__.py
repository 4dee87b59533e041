"""Policies that come with the program, and the JSON schema of policy files."""

from importlib import resources


def starter_text() -> str:
    """YAML text of the starter policy: the founding rules."""
    return resources.files(__package__).joinpath("starter.yaml").read_text(encoding="utf-8")


def schema_text() -> str:
    """JSON schema of policy files."""
    return resources.files(__package__).joinpath("policy.schema.json").read_text(encoding="utf-8")
