import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import openpyxl
import polars as pl
from click.testing import CliRunner

from qingdan.cli import main
from qingdan.orders.sheets import inert, restored, write_csv, write_xlsx

HOSTILE = ["=1+1", "+86", "-1", "@SUM", "\t=1", "\r=1", "＝1", "'quoted", "普通", "", None]
COLUMNS = {
    "channel",
    "order_no",
    "stage",
    "verdict",
    "tier",
    "reasons",
    "owner_role",
    "respond_by",
    "resolve_by",
    "ship_by",
}


def test_review_writes_one_row_an_order_and_its_totals(export: Path, tmp_path: Path) -> None:
    out, refused = tmp_path / "o.csv", tmp_path / "r.xlsx"
    asked = ["review", str(export.parent), "--as-of", "2026-11-22T16:00", "--out", str(out), "--refused", str(refused)]
    done = CliRunner().invoke(main, [*asked, "--json"], catch_exceptions=False)
    assert done.exit_code == 0
    said = json.loads(done.stdout)
    # a reader that does not know the byte order mark finds every column by its name all the same
    rows = list(csv.DictReader(io.StringIO(out.read_text(encoding="utf-8"))))
    assert set(rows[0]) >= COLUMNS
    assert len(rows) == said["totals"]["orders"] == 1200
    assert said["as_of"] == "2026-11-22T16:00:00+08:00"
    for row in rows:
        nothing = row["verdict"] == "none"
        assert (row["tier"] == "") == nothing
        assert row["reasons"].split(";") == sorted(row["reasons"].split(";"))
        assert nothing or (row["respond_by"] + row["resolve_by"]).endswith("+08:00")
    assert openpyxl.load_workbook(refused).active.max_column == 5


def test_review_says_why_nothing_could_be_read(tmp_path: Path) -> None:
    (tmp_path / "考勤.csv").write_text("工号,姓名\n1,2\n", encoding="utf-8")
    done = CliRunner().invoke(main, ["review", str(tmp_path)])
    assert done.exit_code == 2
    assert "考勤.csv" in done.stderr
    (tmp_path / "empty").mkdir()
    assert CliRunner().invoke(main, ["review", str(tmp_path / "empty")]).exit_code == 2


def test_review_needs_no_django() -> None:
    script = "import sys, qingdan.cli.review; sys.exit('django.db' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


def test_no_cell_is_a_formula_and_importing_restores_it(tmp_path: Path) -> None:
    frame = pl.DataFrame({"n": list(range(len(HOSTILE))), "text": HOSTILE}, schema={"n": pl.Int64, "text": pl.String})
    assert restored(inert(frame)).equals(frame)
    stream = io.BytesIO()
    write_csv(frame, stream)
    for row in csv.reader(io.StringIO(stream.getvalue().decode("utf-8-sig"), newline="")):
        assert row[1][:1].strip() not in set("=+-@＝＋－＠") - {""}
    write_xlsx(frame, tmp_path / "x.xlsx")
    cells = [cell for [_, cell] in openpyxl.load_workbook(tmp_path / "x.xlsx").active.iter_rows(min_row=2)]
    assert all(cell.data_type != "f" for cell in cells)
    assert cells[0].value == "=1+1"
