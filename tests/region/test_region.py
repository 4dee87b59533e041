"""Places in official names, whatever the platform wrote."""

import polars as pl
import pytest

from qingdan.core.fields import PROVINCES
from qingdan.core.region import remote_region, resolve
from qingdan.data import division_metadata, division_rows, load_divisions, remote_regions

DIVISIONS = load_divisions()

GIVEN_AND_RESOLVED = [
    # province, city, district → province, city, district, country
    ("浙江省", "杭州市", "西湖区", "浙江", "杭州市", "西湖区", "CN"),
    ("浙江", "杭州", "西湖", "浙江", "杭州市", "西湖区", "CN"),
    ("\t浙江省 ", "杭州市\t", " 西湖区", "浙江", "杭州市", "西湖区", "CN"),
    ("内蒙古自治区", "锡林郭勒盟", "锡林浩特市", "内蒙古", "锡林郭勒盟", "锡林浩特市", "CN"),
    ("广西壮族自治区", "南宁市", "青秀区", "广西", "南宁市", "青秀区", "CN"),
    ("新疆维吾尔自治区", "伊犁州", "伊宁市", "新疆", "伊犁哈萨克自治州", "伊宁市", "CN"),
    ("湖北省", "恩施州", "恩施市", "湖北", "恩施土家族苗族自治州", "恩施市", "CN"),
    # municipalities repeat the city, leave it out, or write 市辖区 or 县
    ("北京", "北京市", "朝阳区", "北京", "北京市", "朝阳区", "CN"),
    ("北京市", "市辖区", "朝阳区", "北京", "北京市", "朝阳区", "CN"),
    ("北京", "朝阳区", None, "北京", "北京市", "朝阳区", "CN"),
    ("上海市", "", "浦东新区", "上海", "上海市", "浦东新区", "CN"),
    ("重庆市", "县", "城口县", "重庆", "重庆市", "城口县", "CN"),
    # counties directly under a province
    ("湖北省", "省直辖县级行政区划", "仙桃市", "湖北", "仙桃市", "仙桃市", "CN"),
    ("河南省", "", "济源市", "河南", "济源市", "济源市", "CN"),
    ("湖北省", "仙桃市", "", "湖北", "仙桃市", "仙桃市", "CN"),
    ("新疆维吾尔自治区", "自治区直辖县级行政区划", "石河子市", "新疆", "石河子市", "石河子市", "CN"),
    ("新疆", "自治区直辖县级行政区划", "草湖市", "新疆", "草湖市", "草湖市", "CN"),
    ("海南省", "琼海市", "嘉积镇", "海南", "琼海市", "嘉积镇", "CN"),
    # cities without districts
    ("广东省", "东莞市", "", "广东", "东莞市", None, "CN"),
    ("甘肃省", "嘉峪关市", None, "甘肃", "嘉峪关市", None, "CN"),
    ("广东省", "中山市", "小榄镇", "广东", "中山市", "小榄镇", "CN"),
    # a district means nothing without its city, and the unknown stays as given
    ("江苏省", "南京市", "鼓楼区", "江苏", "南京市", "鼓楼区", "CN"),
    ("浙江省", None, "西湖区", "浙江", None, "西湖区", "CN"),
    (None, "杭州市", "西湖区", None, "杭州市", "西湖区", None),
    ("浙江省", "杭州市", "江干区", "浙江", "杭州市", "江干区", "CN"),
    ("浙江省", "某某市", "朝阳", "浙江", "某某市", "朝阳", "CN"),
    # outside the mainland
    ("香港特别行政区", "香港岛", "中西区", "香港", "香港岛", "中西区", "HK"),
    ("澳门", None, None, "澳门", None, None, "MO"),
    ("台湾省", "台北市", "大安区", "台湾", "台北市", "大安区", "TW"),
    ("海外", "美国", "加利福尼亚", "海外", "美国", "加利福尼亚", "OTHER"),
    ("日本", None, None, "日本", None, None, "OTHER"),
    ("某地", None, None, "某地", None, None, None),
    ("-", "null", "--", None, None, None, None),
]


@pytest.mark.parametrize("row", GIVEN_AND_RESOLVED, ids=lambda row: " ".join(str(word) for word in row[:3]))
def test_place_in_official_names(row: tuple[str | None, ...]) -> None:
    frame = pl.DataFrame([row[:3]], schema=dict.fromkeys(("province", "city", "district"), pl.String), orient="row")
    resolved = resolve(frame, DIVISIONS)
    assert resolved.select("province", "city", "district", "country").row(0) == row[3:]


def test_town_moves_up_with_a_left_out_city() -> None:
    frame = pl.DataFrame({"province": ["北京"], "city": ["朝阳区"], "district": ["望京街道"]})
    row = resolve(frame, DIVISIONS).row(0, named=True)
    assert (row["city"], row["district"], row["town"]) == ("北京市", "朝阳区", "望京街道")


def test_rows_keep_their_order_and_other_columns() -> None:
    rows = [row[:3] for row in GIVEN_AND_RESOLVED] * 3
    frame = pl.DataFrame(rows, schema=dict.fromkeys(("p", "c", "d"), pl.String), orient="row").with_row_index("n")
    resolved = resolve(frame, DIVISIONS, province="p", city="c", district="d")
    assert resolved["n"].to_list() == list(range(len(rows)))
    assert resolved["country"].to_list() == [row[6] for row in GIVEN_AND_RESOLVED] * 3


def test_provinces_of_the_data_are_those_of_the_catalogue() -> None:
    assert set(DIVISIONS.provinces["name"]) == {value.id for value in PROVINCES}


def test_every_county_resolves_to_itself() -> None:
    """Each official county of the data, written with its official province and city, comes back unchanged."""
    rows = division_rows().filter(pl.col("until").is_null()).select("code", "name")
    named = {code: name for code, name in rows.iter_rows() if len(code) == 6}
    places = [
        (named[code[:2] + "0000"], named.get(code[:4] + "00"), name)
        for code, name in named.items()
        if not code.endswith("00")
    ]
    frame = pl.DataFrame(places, schema=dict.fromkeys(("province", "city", "district"), pl.String), orient="row")
    resolved = resolve(frame, DIVISIONS)
    assert resolved["district"].to_list() == frame["district"].to_list()
    assert resolved["city"].null_count() == 0
    ordinary = frame["city"].is_not_null()
    assert resolved["city"].filter(ordinary).to_list() == frame["city"].filter(ordinary).to_list()


def test_the_data_says_where_it_comes_from() -> None:
    metadata = division_metadata()
    assert metadata["data_as_of"] >= "2026-09-11"
    assert {source["licence"] for source in metadata["sources"]} == {"MIT", "CC-BY-4.0"}
    assert set(metadata["counts"]) == {"provinces", "cities", "counties", "towns", "former_counties"}
    present = set(division_rows().filter(pl.col("until").is_null())["name"])
    assert {"台湾省", "岑岭县", "草湖市", "临平区", "龙港市", "白杨市", "和安县", "西沙区"} <= present


def test_remote_regions_by_province_and_by_county() -> None:
    frame = pl.DataFrame(
        {
            "province": ["新疆", "西藏", "浙江", None, "海南"],
            "city": ["乌鲁木齐市", None, "杭州市", None, "三沙市"],
            "district": [None, None, None, None, "西沙区"],
        }
    )
    default = frame.select(remote_region(remote_regions())).to_series().to_list()
    assert default == [True, True, False, None, False]
    edited = frame.select(remote_region(("海南/三沙市", "浙江/杭州市/西湖区"))).to_series().to_list()
    assert edited == [False, False, False, None, True]
