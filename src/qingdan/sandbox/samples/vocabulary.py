"""The words of the samples, and random columns of them."""

import functools
from dataclasses import dataclass
from importlib import resources
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import polars as pl
import yaml

from qingdan.data import division_rows

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Random = np.random.Generator

MUNICIPALITIES: Final = ("北京市", "天津市", "上海市", "重庆市")


@dataclass(frozen=True, slots=True)
class Goods:
    """The shop's catalogue: one row a SKU; ``small`` SKUs stay under 500 yuan."""

    shop: str
    spec_name: str
    skus: pl.DataFrame
    """``sku``, ``item``, ``title``, ``spec``, ``price`` (fen), ``small``."""


@functools.cache
def words() -> dict[str, Any]:
    """The vocabulary file."""
    text = (resources.files(__package__) / "vocabulary.yaml").read_text("utf-8")
    loaded: dict[str, Any] = yaml.safe_load(text)
    return loaded


@functools.cache
def goods(category: str) -> Goods:
    """The catalogue of a category; a SKU has three prices over its range."""
    entry = words()["goods"][category]
    rows: list[dict[str, object]] = []
    for size in ("small", "large"):
        for number, (title, specs, low, high) in enumerate(entry[size], start=1):
            item = f"{entry['code']}{size[0].upper()}{number:02d}"
            for nth, spec in enumerate(specs):
                price = low + (high - low) * (nth + 1) // (len(specs) + 1)
                rows.append(
                    {
                        "sku": f"{item}-{nth + 1:02d}",
                        "item": item,
                        "title": title,
                        "spec": str(spec),
                        "price": (price // 10 * 10 + 9) * 100,
                        "small": size == "small",
                    }
                )
    return Goods(entry["shop"], entry["spec"], pl.DataFrame(rows))


@functools.cache
def places() -> tuple[pl.DataFrame, npt.NDArray[np.float64]]:
    """Every town as ``province`` (official), ``short``, ``city``, ``district``, ``town``, and its weight.

    ``city`` is the municipality's own name there, and null where the county is directly under its province; so is
    ``district`` in cities that have none.
    """
    rows = division_rows().filter(pl.col("until").is_null()).select("code", "name")
    upper = rows.filter(pl.col("code").str.len_bytes() == 6)
    towns = rows.filter(pl.col("code").str.len_bytes() == 9).select(
        province_code=pl.col("code").str.slice(0, 2) + "0000",
        city_code=pl.col("code").str.slice(0, 4) + "00",
        county_code=pl.col("code").str.slice(0, 6),
        town="name",
    )
    for level in ("province", "city", "county"):
        named = upper.rename({"code": f"{level}_code", "name": level})
        towns = towns.join(named, on=f"{level}_code", how="left", maintain_order="left")
    suffix = r"(?:壮族自治区|回族自治区|维吾尔自治区|自治区|特别行政区|省|市)$"
    towns = towns.select(
        "province",
        "town",
        short=pl.col("province").str.replace(suffix, ""),
        city=pl.when(pl.col("province").is_in(MUNICIPALITIES)).then("province").otherwise("city"),
        district=pl.when(pl.col("county_code") != pl.col("city_code")).then("county"),
    )
    buying = {province: float(weight) for province, weight in words()["provinces"].items()}
    share = towns["short"].replace_strict(buying, default=0.0, return_dtype=pl.Float64)
    # Streets buy more than townships do.
    street = pl.Series(np.where(towns["town"].str.ends_with("街道"), 4.0, 1.0))
    total = towns.with_columns(w=street).select(pl.col("w").sum().over("short"))["w"]
    weight = (share * street / total).to_numpy()
    return towns, weight / weight.sum()


def pick(rng: Random, choices: list[str] | str, count: int) -> pl.Series:
    """``count`` random choices."""
    return pl.Series(list(choices)).gather(pl.Series(rng.integers(0, len(choices), count)))


def people(rng: Random, count: int) -> pl.DataFrame:
    """Names, phone numbers (in 1380000xxxx and 1390000xxxx only) and buyer accounts."""
    vocabulary = words()
    digits = pl.Series(rng.integers(0, 10_000, count)).cast(pl.String).str.zfill(4)
    prefix = pick(rng, ["1380000", "1390000"], count)
    account = pl.Series(rng.integers(0, 36**6, count)).cast(pl.String).str.zfill(10)
    return pl.DataFrame(
        {
            "name": pick(rng, vocabulary["surnames"], count) + pick(rng, vocabulary["given"], count),
            "phone": prefix + digits,
            "buyer": pick(rng, ["tb", "小", "爱", "t_", "mm"], count) + account,
        }
    )


def addresses(rng: Random, count: int) -> pl.DataFrame:
    """Places with detailed addresses: a village and its group in the country, an estate or a road in town."""
    vocabulary = words()
    table, weight = places()
    chosen = table[pl.Series(rng.choice(table.height, size=count, p=weight))]
    number = {
        name: pl.Series(rng.integers(low, high, count)).cast(pl.String)
        for name, low, high in (("a", 1, 900), ("b", 1, 40), ("c", 1, 5), ("d", 1, 30), ("e", 1, 5), ("f", 1, 13))
    }
    road = pick(rng, vocabulary["roads"], count) + pick(rng, vocabulary["road_kinds"], count) + number["a"] + "号"
    estate = pick(rng, vocabulary["estates"], count) + pick(rng, vocabulary["estate_kinds"], count)
    room = number["b"] + "栋" + number["c"] + "单元" + number["d"] + "0" + number["e"] + "室"
    village = pick(rng, vocabulary["villages"], count) + "村" + number["f"] + "组" + number["a"] + "号"
    kind = pl.Series("kind", rng.integers(0, 3, count))
    frame = chosen.with_columns(kind, road=road, estate=estate, room=room, village=village)
    country = ~pl.col("town").str.ends_with("街道") & (pl.col("kind") < 2)
    detail = (
        pl.when(country)
        .then("village")
        .when(pl.col("kind") == 0)
        .then(pl.concat_str("road", "estate", "room"))
        .when(pl.col("kind") == 1)
        .then(pl.concat_str("estate", "room"))
        .otherwise(pl.concat_str("road", pl.lit(" "), "estate", pl.lit("大厦"), "room"))
    )
    return frame.select("province", "short", "city", "district", "town", detail=detail)
