"""Refused rows go out whole, are corrected in a spreadsheet, and come in again as the orders that they are."""

import contextlib
import csv
import io
import zipfile
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from cast import Browser, Team
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from qingdan.core.sheetform import READ
from qingdan.intake import actions, runner
from qingdan.intake.models import Import, ImportRefusal
from qingdan.orders import queries
from qingdan.people.models import Access
from qingdan.people.rights import Role
from qingdan.sandbox.samples import write_sample

pytestmark = pytest.mark.django_db(transaction=True)

DAMAGED = "3.30438E+18"
KEYS = ("订单号", "订单编号", "主订单编号", "子订单编号")


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("samples")
    write_sample("s1", folder, seed=3, count=60)
    return sorted(path for path in folder.iterdir() if path.suffix in {".csv", ".xlsx"})


def facts(team: Team) -> list[dict[str, Any]]:
    found = queries.frame(team.merchant.pk).sort("channel", "order_no")
    # what orders tell of each other depends on which came together
    return found.select(f.id for f in READ).to_dicts()


def body(answer: Any) -> bytes:
    assert answer.status_code == 200
    with contextlib.closing(answer):
        return b"".join(answer.streaming_content)


def drop(person: Browser, files: Iterable[tuple[str, bytes]]) -> dict[str, Any]:
    sent = [SimpleUploadedFile(name, content) for name, content in files]
    made = person.post("/api/imports", data={"files": sent}).json()
    runner.run(made["id"])
    done: dict[str, Any] = person.get(f"/api/imports/{made['id']}").json()
    assert done["state"] == "done", done["error"]
    return done


def table_of(path: Path) -> list[list[str]]:
    if path.suffix == ".xlsx":
        sheet = openpyxl.load_workbook(path).worksheets[0]
        return [["" if cell is None else str(cell) for cell in row] for row in sheet.iter_rows(values_only=True)]
    content = path.read_bytes()
    text = content.decode("utf-8-sig") if content.startswith(b"\xef\xbb\xbf") else content.decode("gb18030")
    return list(csv.reader(io.StringIO(text)))


def damaged(path: Path, every: int) -> tuple[bytes, dict[tuple[str, int, str], str]]:
    """Return a file with some order numbers spoiled, and what stood there by file, row and title."""
    table = table_of(path)
    head = next(i for i, row in enumerate(table) if any(cell.strip() in KEYS for cell in row))
    places = [i for i, title in enumerate(table[head]) if title.strip() in KEYS]
    stood: dict[tuple[str, int, str], str] = {}
    wanted = sorted({row[places[-1]] for row in table[head + 1 :] if row[places[-1]]})[::every]
    for number, row in enumerate(table[head + 1 :], start=head + 2):
        if row[places[-1]] in wanted:
            for place in places:
                stood[path.name, number, table[head][place].strip()] = row[place]
                row[place] = DAMAGED
    if path.suffix == ".xlsx":
        book = openpyxl.load_workbook(path)
        for i, row in enumerate(table, start=1):
            for place in places:
                book.worksheets[0].cell(i, place + 1).value = row[place]
        out = io.BytesIO()
        book.save(out)
        return out.getvalue(), stood
    text = io.StringIO()
    csv.writer(text).writerows(table)
    return text.getvalue().encode("utf-8-sig"), stood


def fill(told: dict[str, int], cells: list[str], titles: list[str], stood: dict[tuple[str, int, str], str]) -> None:
    name, row = cells[told["【原文件】"]].split(" / ")[0], int(cells[told["【原行号】"]])
    for place, title in enumerate(titles):
        if (name, row, title) in stood and not title.startswith("【"):
            cells[place] = stood[name, row, title].strip('="\t')


def correct(form: str, content: bytes, stood: dict[tuple[str, int, str], str]) -> bytes:
    """Do what a clerk does: put the right number into every row."""
    out = io.BytesIO()
    if form == "xlsx":
        book = openpyxl.load_workbook(io.BytesIO(content))
        for sheet in book.worksheets:
            titles = [str(cell.value or "") for cell in sheet[1]]
            told = {title: place for place, title in enumerate(titles) if title.startswith("【")}
            for row in sheet.iter_rows(min_row=2):
                cells = [str(cell.value or "") for cell in row]
                assert cells[told["【怎么办】"]]
                fill(told, cells, titles, stood)
                for cell, value in zip(row, cells, strict=True):
                    cell.value = value
        book.save(out)
        return out.getvalue()
    with zipfile.ZipFile(io.BytesIO(content)) as given, zipfile.ZipFile(out, "w") as made:
        for name in given.namelist():
            titles, *rows = csv.reader(io.StringIO(given.read(name).decode("utf-8-sig")))
            told = {title: place for place, title in enumerate(titles) if title.startswith("【")}
            for cells in rows:
                fill(told, cells, titles, stood)
            text = io.StringIO()
            csv.writer(text).writerows([titles, *rows])
            made.writestr(name, text.getvalue().encode("utf-8-sig"))
    return out.getvalue()


@pytest.mark.parametrize("form", ["xlsx", "zip"])
def test_rows_of_every_file_are_corrected_and_become_orders(
    ours: Team, theirs: Team, samples: list[Path], form: str
) -> None:
    supervisor, untouched = ours.browser(Role.SUPERVISOR), theirs.browser(Role.SUPERVISOR)
    spoiled = {path.name: damaged(path, 4) for path in samples}
    stood = {place: text for _, places in spoiled.values() for place, text in places.items()}
    first = drop(supervisor, [(name, content) for name, (content, _) in spoiled.items()])
    assert first["refused"] > 5

    answer = supervisor.post(f"/api/imports/{first['id']}/refused", {"format": form, "reason": "更正"})
    sheets = body(answer)
    fixed = correct(form, sheets, stood)
    second = drop(supervisor, [(f"拒收.{form}", fixed)])
    assert second["refused"] == 0
    assert second["new"] > 0

    whole = drop(untouched, [(path.name, path.read_bytes()) for path in samples])
    assert first["new"] + second["new"] == whole["new"]
    ids = {(row["channel"], row["order_no"]) for row in facts(ours)}
    assert ids == {(row["channel"], row["order_no"]) for row in facts(theirs)}
    again = drop(supervisor, [(f"拒收 (2).{form}", fixed)])
    assert (again["new"], again["changed"], again["refused"]) == (0, 0, 0)
    # the facts of all files that tell of an order come together once they are all whole
    drop(supervisor, [(path.name, path.read_bytes()) for path in samples])
    assert facts(ours) == facts(theirs)


def test_rows_in_clear_need_the_right_and_a_reason_and_are_recorded(ours: Team, samples: list[Path]) -> None:
    pdd = next(path for path in samples if path.name.startswith("orders_export"))
    made = drop(ours.browser(Role.SUPERVISOR), [(pdd.name, damaged(pdd, 2)[0])])
    address = f"/api/imports/{made['id']}/refused"

    masked = body(ours.browser(Role.FINANCE).get(f"{address}.csv")).decode()
    receiver = ImportRefusal.objects.values_list("raw", flat=True)[0]
    cells = dict(zip(receiver["titles"], receiver["cells"], strict=True))
    assert cells["详细地址"].strip() not in masked
    assert ours.browser(Role.FINANCE).post(address, {"format": "xlsx", "reason": "看看"}).status_code == 403
    assert ours.browser(Role.AGENT).post(address, {"format": "xlsx", "reason": ""}).status_code == 422
    assert not Access.objects.exists()
    assert body(ours.browser(Role.AGENT).post(address, {"format": "xlsx", "reason": "更正"}))
    seen = Access.objects.get()
    assert (seen.operation, seen.reason, seen.details["import"]) == ("export", "更正", made["id"])


def test_rows_in_clear_are_forgotten_with_the_upload(ours: Team, samples: list[Path]) -> None:
    pdd = next(path for path in samples if path.name.startswith("orders_export"))
    made = drop(ours.browser(Role.SUPERVISOR), [(pdd.name, damaged(pdd, 2)[0])])
    actions.drop_uploads()
    assert not ImportRefusal.objects.filter(raw__isnull=True).exists()
    Import.objects.filter(pk=made["id"]).update(finished_at=timezone.now() - timedelta(days=actions.UPLOAD_DAYS + 1))
    actions.drop_uploads()
    assert ImportRefusal.objects.count() == ImportRefusal.objects.filter(raw__isnull=True).count() == made["refused"]
    answer = ours.browser(Role.AGENT).post(f"/api/imports/{made['id']}/refused", {"format": "xlsx", "reason": "更正"})
    [sheet] = openpyxl.load_workbook(io.BytesIO(body(answer))).worksheets
    assert sheet.max_row == made["refused"] + 1
