"""What was judged is kept as it was seen: judging it again gives what was given then."""

import datetime as dt
from pathlib import Path

import polars as pl
import pytest
from django.db import transaction

from qingdan.core.columns import ORDER_SCHEMA
from qingdan.core.policy import review_columns
from qingdan.intake import actions as imports
from qingdan.intake import runner
from qingdan.intake.models import State
from qingdan.orders import queries as orders
from qingdan.orders.actions import ensure_merchant
from qingdan.orders.actors import Actor
from qingdan.policies import actions, history, queries
from qingdan.policies.models import Judged
from qingdan.sandbox.samples import write_sample

pytestmark = pytest.mark.django_db(transaction=True)
AS_OF = dt.datetime(2026, 11, 22, 8, 0, tzinfo=dt.UTC)
PERSON = Actor("user", "1", "李主管")


def take_in(merchant: int, folder: Path, scenario: str, as_of: dt.datetime, count: int = 80) -> None:
    """Import a sample as a person would."""
    folder.mkdir(exist_ok=True)
    write_sample(scenario, folder, seed=7, count=count)
    for path in sorted(p for p in folder.iterdir() if p.name != "manifest.json"):
        with path.open("rb") as stream:
            drop = imports.create_import(
                merchant, [imports.Upload(path.name, stream)], actor=PERSON, as_of=as_of, queue=False
            )
        assert runner.run(drop.pk) is State.DONE


def judged(merchant: int) -> pl.DataFrame:
    columns = (*history.JUDGED_SCHEMA, *history.FACTS)
    return pl.concat(
        pl.concat([history.read_facts(c.id, columns), history.read_texts(c.id, history.TEXTS)], how="horizontal")
        for c in history.chunks(merchant, every=True)
    )


def test_judging_what_was_kept_gives_the_verdicts_that_were_given(tmp_path: Path) -> None:
    merchant = ensure_merchant("历史").pk
    take_in(merchant, tmp_path / "a", "s2", AS_OF)
    strict = queries.starter_text().replace("500元", "120元").replace("近30天退货 = 0", "付款时间 > 当前时间 - 30天")
    actions.publish(merchant, strict, PERSON)
    take_in(merchant, tmp_path / "b", "s4", AS_OF + dt.timedelta(days=1))
    take_in(merchant, tmp_path / "a", "s2", AS_OF + dt.timedelta(days=2))

    kept = judged(merchant)
    assert kept["policy_hash"].n_unique() == 2
    for (policy_hash, as_of), group in kept.group_by("policy_hash", "as_of", maintain_order=True):
        version = queries.version(merchant, str(policy_hash))
        assert version is not None
        again = review_columns(queries.compiled(version.source), group.select(list(ORDER_SCHEMA)), as_of)
        for name in ("verdict", "tier", "true_mask", "unknown_mask"):
            assert again[name].cast(group[name].dtype).equals(group[name]), name

    stored = orders.frame(merchant, also={"id": pl.Int64(), "verdict": pl.String(), "true_mask": pl.Int64()})
    last = kept.sort("version").unique("id", keep="last").join(stored, on="id")
    assert last.height == stored.height
    assert (last["verdict"] == last["verdict_right"]).all()
    assert (last["true_mask"] == last["true_mask_right"]).all()


def test_an_order_counts_once_and_an_import_that_changes_nothing_keeps_nothing(tmp_path: Path) -> None:
    merchant = ensure_merchant("历史").pk
    take_in(merchant, tmp_path / "a", "s2", AS_OF)
    before = judged(merchant)
    take_in(merchant, tmp_path / "a", "s2", AS_OF)
    assert judged(merchant).height == before.height
    waiting = before.filter(pl.col("verdict") != "none")
    assert before["counted"].sum() == waiting["id"].n_unique() == waiting.height
    assert sum(c.counted for c in history.chunks(merchant)) == waiting.height
    assert history.chunks(merchant, before=dt.datetime(2020, 1, 1, tzinfo=dt.UTC)) == []


def test_a_field_newer_than_the_chunk_has_its_default_and_old_chunks_are_forgotten(
    tmp_path: Path, settings: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    merchant = ensure_merchant("历史").pk
    with monkeypatch.context() as patch:
        patch.setattr(history, "FACTS", tuple(name for name in history.FACTS if name != "vip"))
        take_in(merchant, tmp_path / "a", "s2", AS_OF, count=50)
    [chunk] = history.chunks(merchant)
    assert history.read_facts(chunk.id, ["id", "vip"])["vip"].to_list() == [False] * chunk.orders
    assert history.forget() == 0
    with transaction.atomic():
        Judged.objects.update(at=AS_OF - dt.timedelta(days=4000))
    assert history.forget() == 1
    assert history.read_facts(chunk.id, ["id", "vip"]).is_empty()
