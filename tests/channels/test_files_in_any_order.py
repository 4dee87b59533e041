"""Files that tell of the same orders give the same batch whichever comes first."""

import golden_cases as cases
import pytest

from qingdan.intake.batch import read_batch


@pytest.mark.parametrize(
    "folder",
    ["taobao/v4-with-items-2022", "youzan/2026-with-goods-report", "wangdian/template-and-platform-export"],
)
def test_the_order_of_the_files_does_not_matter(folder: str) -> None:
    paths = cases.files(cases.GOLDEN / folder)
    assert len(paths) == 2
    one = read_batch(paths, as_of=cases.AS_OF)
    other = read_batch(paths[::-1], as_of=cases.AS_OF)
    assert one.orders.sort("channel", "order_no").equals(other.orders.sort("channel", "order_no"))
    key = ["channel", "order_no", "line_no"]
    assert one.lines.sort(key).equals(other.lines.sort(key))


def test_an_order_that_only_the_erp_has_keeps_its_lines() -> None:
    batch = cases.read(cases.GOLDEN / "wangdian" / "template-and-platform-export")
    assert batch.orders["order_no"].sort().to_list() == batch.lines["order_no"].sort().to_list()
