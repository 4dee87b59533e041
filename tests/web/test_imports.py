"""Dropping files in the browser: what the page is told from the drop to the result."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from cast import Browser, Team
from django.core.files.uploadedfile import SimpleUploadedFile
from procrastinate.contrib.django.models import ProcrastinateJob

from qingdan.intake import runner
from qingdan.orders.models import Order
from qingdan.people.rights import Role
from qingdan.sandbox.samples import write_sample

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("samples")
    write_sample("s1", folder, seed=3, count=60)
    return sorted(path for path in folder.iterdir() if path.suffix in {".csv", ".xlsx"})


@pytest.fixture
def supervisor(ours: Team) -> Browser:
    return ours.browser(Role.SUPERVISOR)


@pytest.fixture
def drop(supervisor: Browser) -> Callable[..., dict[str, Any]]:
    def send(*files: SimpleUploadedFile, **form: str) -> dict[str, Any]:
        answer = supervisor.post("/api/imports", data={"files": list(files), **form})
        assert answer.status_code == 200, answer.content
        body: dict[str, Any] = answer.json()
        return body

    return send


def upload(path: Path) -> SimpleUploadedFile:
    return SimpleUploadedFile(path.name, path.read_bytes())


def test_dropped_exports_become_orders_and_the_page_is_told_how_far(
    supervisor: Browser, drop: Callable[..., dict[str, Any]], samples: list[Path]
) -> None:
    made = drop(*map(upload, samples))

    assert (made["state"], made["progress"], made["by"]) == ("queued", 0.0, {"name": "ours supervisor"})
    assert [file["name"] for file in made["files"]] == [path.name for path in samples]
    assert ProcrastinateJob.objects.filter(task_name="intake.run_import", args={"import_id": made["id"]}).exists()

    runner.run(made["id"])

    done = supervisor.get(f"/api/imports/{made['id']}").json()
    assert (done["state"], done["progress"], done["error"]) == ("done", 1.0, None)
    assert done["orders"] == done["new"] == Order.objects.count() > 0
    assert sum(done["totals"]["verdict"].values()) == done["orders"]
    assert sum(done["totals"]["channel"].values()) == done["orders"]
    assert {file["state"] for file in done["files"]} == {"done"}
    assert done["rows"] == sum(file["rows"] for file in done["files"])
    assert supervisor.get("/api/imports").json() == {"rows": [done], "total": 1}
    assert supervisor.get("/api/board").json()["total"] == done["orders"]

    again = drop(*map(upload, samples))
    runner.run(again["id"])
    repeated = supervisor.get(f"/api/imports/{again['id']}").json()
    assert (repeated["new"], repeated["changed"], repeated["unchanged"]) == (0, 0, done["orders"])


def test_a_file_that_can_not_be_read_fails_with_a_word_on_what_to_do_and_may_be_tried_again(
    supervisor: Browser, drop: Callable[..., dict[str, Any]]
) -> None:
    made = drop(SimpleUploadedFile("notes.csv", "完全,不是,订单\n1,2,3\n".encode()))
    runner.run(made["id"])

    failed = supervisor.get(f"/api/imports/{made['id']}").json()
    assert failed["state"] == "failed"
    assert failed["error"]["zh"]
    assert failed["error"]["advice_en"]

    again = supervisor.post(f"/api/imports/{made['id']}/retry").json()
    assert (again["state"], again["error"], again["progress"]) == ("queued", None, 0.0)
    assert supervisor.post(f"/api/imports/{made['id']}/retry").status_code == 409


def test_a_queued_import_can_be_cancelled_once(supervisor: Browser, drop: Callable[..., dict[str, Any]]) -> None:
    made = drop(SimpleUploadedFile("orders.csv", b"x"))

    assert supervisor.post(f"/api/imports/{made['id']}/cancel").json()["state"] == "cancelled"
    refused = supervisor.post(f"/api/imports/{made['id']}/cancel")
    assert refused.status_code == 409
    assert refused.json()["error"]["code"] == "import.not_now"


def test_refused_rows_can_be_taken_away_in_either_language(
    supervisor: Browser, drop: Callable[..., dict[str, Any]], samples: list[Path]
) -> None:
    jd = next(path for path in samples if path.name.startswith("京东"))
    head, first, *rest = jd.read_bytes().split(b"\n")
    damaged = b"\n".join([head, b'=HYPERLINK("x")' + first[first.index(b",") :], *rest])
    made = drop(SimpleUploadedFile(jd.name, damaged))
    runner.run(made["id"])
    assert supervisor.get(f"/api/imports/{made['id']}").json()["refused"] >= 1

    answer = supervisor.get(f"/api/imports/{made['id']}/refused.csv", headers={"Accept-Language": "en"})
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    heads, row = text.splitlines()[:2]
    assert heads == "File,Sheet,Row,Column,Value,Reason,What to do"
    assert jd.name in row
    assert ",=" not in text

    book = b"".join(supervisor.get(f"/api/imports/{made['id']}/refused.xlsx").streaming_content)
    sheet = openpyxl.load_workbook(io.BytesIO(book)).active
    assert sheet is not None
    assert [cell.value for cell in sheet[1]] == ["文件", "工作表", "行", "列", "内容", "原因", "怎么办"]


def test_a_drop_of_too_many_files_or_none_is_refused(supervisor: Browser) -> None:
    many = [SimpleUploadedFile(f"{n}.csv", b"x") for n in range(101)]

    assert supervisor.post("/api/imports", data={"files": many}).status_code == 413
    assert supervisor.post("/api/imports", data={}).status_code == 422
