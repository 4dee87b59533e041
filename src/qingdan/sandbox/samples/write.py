"""Write a scenario's files and the manifest that says what was planted in them."""

import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import numpy as np
import polars as pl

from qingdan.sandbox.samples import bills, douyin, jd, pdd, taobao
from qingdan.sandbox.samples.files import CsvFile, Encoding, Style, write_xlsx
from qingdan.sandbox.samples.orders import Batch, Shares, make
from qingdan.sandbox.samples.scenarios import CHANNEL, SCENARIOS, Form, Scenario, Shop
from qingdan.sandbox.samples.vocabulary import goods

CHUNK: Final = 50_000
MANIFEST_ORDERS: Final = 100_000
"""Above this many orders the manifest gives totals only."""

_ORDER_NO: Final = {"taobao": taobao.order_no, "jd": jd.order_no, "pdd": pdd.order_no, "douyin": douyin.order_no}
_RENDER: Final = {"jd": jd.render, "pdd": pdd.render, "douyin": douyin.render}
_STYLE: Final = {"jd": jd.STYLE, "pdd": pdd.STYLE, "douyin": douyin.STYLE, "taobao-csv": taobao.STYLE}


@dataclass(slots=True)
class Written:
    """What was written: files, totals, and what the starter policy should say of each order."""

    files: list[dict[str, object]] = field(default_factory=list)
    orders: list[dict[str, object]] = field(default_factory=list)
    totals: dict[str, Counter[str]] = field(default_factory=dict)
    count: int = 0
    paid: list[pl.DataFrame] = field(default_factory=list)

    def note(self, batch: Batch, shop: Shop, file: str) -> None:
        """Count a batch, and keep its orders while there are few."""
        channel = CHANNEL[shop.form]
        frame = batch.orders.select(
            channel=pl.lit(channel),
            order_no=_ORDER_NO[channel](),
            file=pl.lit(file),
            state="state",
            problem=pl.when(pl.col("problem") != "").then("problem"),
            urgency=pl.when(pl.col("urgency") != "").then("urgency"),
            note=pl.when(pl.col("note") != "").then("note"),
            masked="masked",
            verdict="expect_verdict",
            tier="expect_tier",
            reasons="expect_reasons",
        )
        self.paid.append(
            batch.orders.select(
                channel=pl.lit(channel), order_no=_ORDER_NO[channel](), amount="paid_amount", paid="paid"
            ).drop_nulls("paid")
        )
        self.count += frame.height
        for column in ("channel", "state", "problem", "urgency", "verdict", "tier"):
            counted = dict(frame[column].drop_nulls().value_counts().iter_rows())
            self.totals.setdefault(column, Counter()).update(counted)
        self.totals.setdefault("masked", Counter()).update({channel: int(frame["masked"].sum())})
        if self.count <= MANIFEST_ORDERS:
            self.orders += frame.to_dicts()


def write_sample(
    scenario_id: str,
    out: Path,
    *,
    seed: int,
    count: int | None = None,
    as_of: datetime | None = None,
    with_bills: bool = False,
) -> dict[str, Any]:
    """Write the exports of a scenario and ``manifest.json`` into ``out``; return the manifest without its orders.

    ``with_bills`` adds payment bills with planted differences.
    The same scenario, seed, count and ``as_of`` (Beijing wall time, without a zone) give the same bytes in CSV.
    """
    scenario = SCENARIOS[scenario_id]
    moment = as_of or scenario.as_of
    total = count or scenario.count
    out.mkdir(parents=True, exist_ok=True)
    written = Written()
    first = seed % 997 * 1_000_003
    left = total
    for position, shop in enumerate(scenario.shops):
        number = left if shop is scenario.shops[-1] else round(shop.part * total)
        left -= number
        _write_shop(scenario, shop, out, written, count=number, as_of=moment, seed=(seed, position), first=first)
        first += number
    manifest: dict[str, Any] = {
        "scenario": scenario.id,
        "seed": seed,
        "as_of": f"{moment:%Y-%m-%dT%H:%M:%S}+08:00",
        "count": written.count,
        "shares": scenario.shares.stated() | {"masked": {shop.name: shop.masked for shop in scenario.shops}},
        "files": written.files,
        "totals": {name: dict(sorted(counter.items())) for name, counter in written.totals.items()},
    }
    if with_bills:
        manifest["bills"] = bills.write_bills(pl.concat(written.paid), out, seed=seed, as_of=moment)
    orders = written.orders if written.count <= MANIFEST_ORDERS else None
    text = json.dumps(manifest | {"orders": orders}, ensure_ascii=False, indent=1)
    (out / "manifest.json").write_text(text + "\n", encoding="utf-8")
    return manifest


def _write_shop(
    scenario: Scenario,
    shop: Shop,
    out: Path,
    written: Written,
    *,
    count: int,
    as_of: datetime,
    seed: tuple[int, int],
    first: int,
) -> None:
    """Write one shop's export in chunks, each with its own random stream."""
    shares = Shares(**scenario.shares.stated() | {"masked": shop.masked})
    target = _Target.of(shop, out, as_of, seed[0])
    for start in range(0, count, CHUNK):
        rng = np.random.default_rng([*seed, start])
        batch = make(
            rng,
            CHANNEL[shop.form],
            min(CHUNK, count - start),
            goods=goods(scenario.category),
            shares=shares,
            window=scenario.times(as_of),
            first=first + start,
        )
        target.append(batch)
        written.note(batch, shop, target.names[0])
    written.files += target.close()


@dataclass(slots=True)
class _Target:
    """The files of one shop; XLSX is held until the end, the rest is appended."""

    shop: Shop
    out: Path
    names: tuple[str, ...]
    csv: list[CsvFile]
    sheets: list[list[pl.DataFrame]] = field(default_factory=lambda: [[], []])

    @classmethod
    def of(cls, shop: Shop, out: Path, as_of: datetime, seed: int) -> "_Target":
        names = _names(shop.form, as_of, seed)
        files = [] if shop.form == "taobao-xlsx" else [CsvFile(out / name, _STYLE[shop.form]) for name in names]
        return cls(shop, out, names, files)

    def append(self, batch: Batch) -> None:
        frames = _frames(self.shop.form, batch, self.shop.name)
        for file, frame in zip(self.csv, frames, strict=False):
            file.append(frame)
        if not self.csv:
            for sheet, frame in zip(self.sheets, frames, strict=True):
                sheet.append(frame)

    def close(self) -> list[dict[str, object]]:
        if not self.csv:
            for name, sheet in zip(self.names, self.sheets, strict=True):
                write_xlsx(self.out / name, pl.concat(sheet), "sheet1")
        for file in self.csv:
            file.close()
        rows = [file.rows for file in self.csv] or [sum(f.height for f in sheet) for sheet in self.sheets]
        encoding = self.csv[0].style.encoding if self.csv else "xlsx"
        return [
            {"name": name, "channel": CHANNEL[self.shop.form], "shop": self.shop.name, "encoding": encoding, "rows": n}
            for name, n in zip(self.names, rows, strict=True)
        ]


def _names(form: Form, as_of: datetime, seed: int) -> tuple[str, ...]:
    if form == "jd":
        return (jd.file_name(as_of),)
    if form == "pdd":
        return (pdd.file_name(as_of),)
    if form == "douyin":
        return (douyin.file_name(as_of, seed),)
    return taobao.file_names(as_of, xlsx=form == "taobao-xlsx")


def _frames(form: Form, batch: Batch, shop: str) -> tuple[pl.DataFrame, ...]:
    if form == "taobao-csv":
        return taobao.render_v4(batch, shop)
    if form == "taobao-xlsx":
        return taobao.render_v5(batch, shop)
    return (_RENDER[form](batch),)


def write_bench_csv(path: Path, channel: str, orders: int, seed: int, encoding: Encoding | None = None) -> int:
    """Write one CSV of ``orders`` orders of a platform for benchmarks; return its rows.

    Taobao gets its order list only. ``encoding`` overrides the platform's own.
    """
    form: Form = "taobao-csv" if channel == "taobao" else next(f for f, c in CHANNEL.items() if c == channel)
    own = _STYLE[form]
    style = Style(encoding or own.encoding, quote_all=own.quote_all, trailing_comma=own.trailing_comma)
    scenario, file = SCENARIOS["s2"], CsvFile(path, style)
    for start in range(0, orders, CHUNK):
        batch = make(
            np.random.default_rng([seed, start]),
            channel,
            min(CHUNK, orders - start),
            goods=goods(scenario.category),
            shares=scenario.shares,
            window=scenario.times(scenario.as_of),
            first=start,
        )
        file.append(_frames(form, batch, "压测店铺")[0])
    file.close()
    return file.rows
