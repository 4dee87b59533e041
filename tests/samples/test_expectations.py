"""What the manifest expects of every order is what intake and the starter policy say of it."""

import json
from datetime import datetime
from pathlib import Path

import polars as pl
import pytest

from qingdan import data
from qingdan.core.policy import compile_policy, load_policy
from qingdan.core.policy.review import review_columns
from qingdan.intake.batch import read_batch
from qingdan.sandbox.samples import write_sample

STARTER = Path(data.__file__).parent / "policies" / "starter.yaml"


@pytest.mark.parametrize(("scenario", "seed"), [("s1", 1), ("s1", 2), ("s2", 1), ("s4", 1)])
def test_every_order_is_decided_as_planted(tmp_path: Path, scenario: str, seed: int) -> None:
    write_sample(scenario, tmp_path, seed=seed)
    manifest = json.loads((tmp_path / "manifest.json").read_text("utf-8"))
    as_of = datetime.fromisoformat(manifest["as_of"])
    batch = read_batch([tmp_path / file["name"] for file in manifest["files"]], as_of=as_of)
    assert batch.refused.height == 0
    policy = compile_policy(load_policy(STARTER.read_text("utf-8")))
    decided = pl.concat(
        [batch.orders.select("channel", "order_no"), review_columns(policy, batch.orders, as_of)], how="horizontal"
    )
    key = ["channel", "order_no"]
    said = decided.select(
        pl.col("channel").cast(pl.String),
        "order_no",
        pl.col("verdict").cast(pl.String),
        pl.col("tier").cast(pl.String).fill_null(""),
        pl.col("reasons").cast(pl.String).fill_null(""),
    )
    expected = pl.DataFrame(manifest["orders"], infer_schema_length=None).select(said.columns)
    assert said.height == expected.height
    differing = said.join(expected, on=key, how="full", suffix="_expected").filter(
        pl.any_horizontal(pl.col(c).ne_missing(pl.col(f"{c}_expected")) for c in ("verdict", "tier", "reasons"))
    )
    assert differing.rows() == []
