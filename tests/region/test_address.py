"""What an address and a phone number are worth."""

import polars as pl
import pytest

from qingdan.core.address import is_masked, phone_plausible, quality_columns
from qingdan.core.columns import ORDER_SCHEMA


def _quality(
    address: str | None,
    *,
    province: str | None = "浙江",
    city: str | None = "杭州市",
    district: str | None = "西湖区",
    masked: bool = False,
) -> tuple[str, list[str]]:
    frame = pl.DataFrame(
        {
            "province": [province],
            "city": [city],
            "district": [district],
            "address": [address],
            "receiver_masked": [masked],
        },
        schema_overrides=dict.fromkeys(("province", "city", "district", "address"), pl.String),
    ).with_columns(quality_columns())
    assert frame.schema["address_quality"] == ORDER_SCHEMA["address_quality"]
    assert frame.schema["address_gaps"] == ORDER_SCHEMA["address_gaps"]
    return frame["address_quality"].item(), frame["address_gaps"].to_list()[0]


@pytest.mark.parametrize(
    ("address", "gaps"),
    [
        ("文三路478号", []),
        ("莲池镇王庄村", []),
        ("阳光花园十二栋", []),
        ("幸福里３单元", []),
        ("文三路", ["detail_short"]),
        ("文 三 路\u200b1", ["detail_short"]),
        ("老地方门口", ["house_number"]),
        ("老地方", ["detail_short", "house_number"]),
        ("", ["detail"]),
        (" \u3000", ["detail"]),
        (None, ["detail"]),
    ],
)
def test_gaps_of_the_detail(address: str | None, gaps: list[str]) -> None:
    assert _quality(address) == ("incomplete" if gaps else "complete", gaps)


def test_gaps_of_the_region() -> None:
    assert _quality("文三路478号", province=None) == ("incomplete", ["province"])
    assert _quality("文三路478号", city="") == ("incomplete", ["city"])
    assert _quality("文三路478号", district=None) == ("incomplete", ["district"])
    assert _quality("鸿福路1号院", province="广东", city="东莞市", district=None) == ("complete", [])
    assert _quality("皇后大道中1号", province="香港", city="香港岛", district=None) == ("complete", [])


def test_a_masked_address_is_not_judged_by_its_detail() -> None:
    assert _quality("**", masked=True) == ("masked", [])
    assert _quality(None, masked=True) == ("masked", [])
    assert _quality("**", city=None, masked=True) == ("masked", ["city"])


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("张**", True),
        ("*三", True),
        ("1******6198", True),
        ("##8sKz+/aB1c==", True),
        ("$$Qw12==", True),
        ("5#楼", False),
        ("a##b", False),
        ("张三", False),
        (None, None),
    ],
)
def test_masked(text: str | None, *, masked: bool | None) -> None:
    series = pl.DataFrame({"x": [text]}, schema={"x": pl.String})
    assert series.select(is_masked(pl.col("x"))).item() is masked


@pytest.mark.parametrize(
    ("phone", "plausible"),
    [
        ("13800001234", True),
        ("+86 13800001234", True),
        ("86-13800001234", True),
        ("138 0000 1234", True),
        ("'13800001234", True),
        ("13800001234-1234", True),
        ("13800001234转1234", True),
        ("13800001234,1234", True),
        ("13800001234，123456", True),
        ("0571-88880000", True),
        ("010-88880000-801", True),
        ("400-800-0000", True),
        ("852-90000000", True),
        ("138****1234", True),
        ("1******1234", True),
        ("1**********", True),
        ("$$Qw12abcd==", True),
        ("1380000123", False),
        ("138000012345", False),
        ("23800001234", False),
        ("12000001234", False),
        ("138****123", False),
        ("无", False),
        ("", None),
        ("  ", None),
        (None, None),
    ],
)
def test_phone_shapes(phone: str | None, *, plausible: bool | None) -> None:
    frame = pl.DataFrame({"x": [phone]}, schema={"x": pl.String})
    assert frame.select(phone_plausible(pl.col("x"))).item() is plausible
