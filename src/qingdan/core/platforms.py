"""The platforms that orders come from, as the folders under ``channels/`` declare them.

What a package holds is part of the program as much as a module is, so it is read once, when the catalogue is made;
nothing else in core reads anything. Only the head of each mapping is parsed: names must not cost what tables do.
"""

from importlib import resources
from typing import Final, NamedTuple

import yaml

_TABLES: Final = "\ntables:"


class Platform(NamedTuple):
    """A platform's stable id, its names, and its place among the others."""

    id: str
    zh: str
    en: str
    place: int


def platforms() -> tuple[Platform, ...]:
    """Platforms in the order of their places. An ERP's files carry orders of others; it names no platform of its own.

    Raises ``ValueError`` when two folders declare the same id.
    """
    found = []
    for folder in resources.files("qingdan").joinpath("channels").iterdir():
        mapping = folder.joinpath("mapping.yaml")
        if folder.is_dir() and mapping.is_file():
            head = yaml.safe_load(mapping.read_text(encoding="utf-8").partition(_TABLES)[0])
            if name := head.get("name"):
                found.append(Platform(str(head["channel"]), str(name["zh"]), str(name["en"]), int(head["place"])))
    if len({platform.id for platform in found}) != len(found):
        raise ValueError("two folders under channels/ declare the same channel")
    return tuple(sorted(found, key=lambda platform: (platform.place, platform.id)))
