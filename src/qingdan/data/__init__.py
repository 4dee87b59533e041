"""Data files of the package, and their readers."""

import functools
import gzip
import io
import json
from importlib import resources
from typing import Any, Final

import polars as pl
import yaml

from qingdan.core.region import Divisions

_HERE: Final = resources.files(__name__)


def division_rows() -> pl.DataFrame:
    """Read the administrative divisions: ``code``, ``name``, ``until`` (end year of a former county name)."""
    content = gzip.decompress((_HERE / "divisions.csv.gz").read_bytes())
    schema = {"code": pl.String(), "name": pl.String(), "until": pl.Int32()}
    return pl.read_csv(io.BytesIO(content), schema=schema)


def division_metadata() -> dict[str, Any]:
    """Where the table comes from: dates, counts, sources, licences."""
    metadata: dict[str, Any] = json.loads((_HERE / "divisions.json").read_text("utf-8"))
    return metadata


@functools.cache
def load_divisions() -> Divisions:
    """Lookup tables of provinces, cities, counties and towns."""
    return Divisions.of(division_rows())


@functools.cache
def remote_regions() -> tuple[str, ...]:
    """Regions that cost more to reach, from ``regions.yaml``."""
    return tuple(yaml.safe_load((_HERE / "regions.yaml").read_text("utf-8"))["remote"])


@functools.cache
def header_names() -> dict[str, tuple[str, ...]]:
    """Read the names that teams give to columns of their own tables: field → names, from ``headers.yaml``."""
    read = yaml.safe_load((_HERE / "headers.yaml").read_text("utf-8"))
    return {field: tuple(names) for field, names in read.items()}
