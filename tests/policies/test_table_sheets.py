"""Decision tables as grids and Excel sheets."""

import io
from typing import Any

import openpyxl
from cast import Browser, Team
from django.core.files.uploadedfile import SimpleUploadedFile

from qingdan.core.policy import load_policy
from qingdan.core.policy.form import read_form, write_form
from qingdan.core.policy.grid import from_grid, to_grid
from qingdan.data.policies import starter_text
from qingdan.people.rights import Role

TABLE = """
tables:
  - id: wave
    title: 波次
    hit: first
    rows:
      - {id: big, when: 实付金额 > 1000元 且 实付金额 <= 5000元 且 买家留言 含 @加急词, output: 大单}
      - {id: odd, when: 省份 = 西藏 或 VIP客户 = 是, output: 特殊}
      - {id: rest, else: true, output: 普通}
"""
SOURCE = starter_text() + TABLE


def test_a_table_is_a_grid_and_an_untouched_grid_changes_nothing() -> None:
    form = read_form(SOURCE)
    grid = to_grid(form, "wave")
    assert [c["field"] for c in grid["columns"]] == ["paid_amount", "paid_amount", "buyer_message"]
    assert grid["rows"][0]["cells"] == ["> 1000元", "<= 5000元", "含 @加急词"]
    assert grid["rows"][1] | {"rest": "省份 = 西藏 或 VIP客户 = 是", "cells": ["", "", ""]} == grid["rows"][1]
    assert grid["rows"][2]["otherwise"] is True
    for table in ("wave", "tiers"):
        assert write_form(from_grid(form, to_grid(form, table))) == write_form(form)
    for row in grid["rows"]:
        row["id"] += "x"  # rows that nobody has seen before are read from their cells
    again = load_policy(write_form(from_grid(form, grid)))
    assert [r.ast for r in again.tables[0].rows] == [r.ast for r in load_policy(SOURCE).tables[0].rows]


def upload(browser: Browser, content: bytes) -> Any:
    browser.get("/api/session")
    return browser.client.post(
        "/api/policies/tables/import",
        {"source": SOURCE, "table": "wave", "file": SimpleUploadedFile("t.xlsx", content)},
        headers={"X-CSRFToken": browser.client.cookies["csrftoken"].value},
    )


def test_a_sheet_goes_out_is_edited_and_comes_in(ours: Team) -> None:
    browser = ours.browser(Role.SUPERVISOR)
    answer = browser.post("/api/policies/tables/export", {"source": SOURCE, "table": "wave"})
    content = b"".join(answer.streaming_content)
    assert load_policy(upload(browser, content).json()["source"]).hash == load_policy(SOURCE).hash

    book = openpyxl.load_workbook(io.BytesIO(content))
    sheet = book.active
    heads = [cell.value for cell in sheet[1]]
    sheet.cell(2, heads.index("实付金额") + 1).value = "> 2000元"
    sheet.insert_rows(3)
    for head, value in {"编号": "new", "其他条件": "平台 = 抖音", "结果": "抖音波"}.items():
        sheet.cell(3, heads.index(head) + 1).value = value
    edited = io.BytesIO()
    book.save(edited)
    text = upload(browser, edited.getvalue()).json()["source"]
    rows = load_policy(text).tables[0].rows
    assert [(r.id, r.output) for r in rows] == [("big", "大单"), ("new", "抖音波"), ("odd", "特殊"), ("rest", "普通")]
    assert "实付金额 > 2000元" in text


def test_a_file_that_is_no_table_is_refused_with_what_to_do(ours: Team) -> None:
    browser = ours.browser(Role.SUPERVISOR)
    assert upload(browser, b"nothing").json()["error"]["code"] == "sheet_unreadable"
    book = openpyxl.Workbook()
    book.active.append(["编号", "不认识的字段"])
    edited = io.BytesIO()
    book.save(edited)
    assert "不认识的字段" in upload(browser, edited.getvalue()).json()["error"]["zh"]
