"""Addresses written as one text."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qingdan.core.address_text import COLUMNS, split
from qingdan.data import division_rows, load_divisions

DIVISIONS = load_divisions()

TEXT_AND_PARTS = [
    # text → province, city, district, town, address
    ("浙江省 杭州市 西湖区 文三路478号广场A座(310012)", "浙江", "杭州市", "西湖区", None, "文三路478号广场A座"),
    ("浙江省 杭州市 西湖区 文新街道 文三路478号(000000)", "浙江", "杭州市", "西湖区", "文新街道", "文三路478号"),
    ("浙江省 杭州市 西湖区 文三路 478号 2幢", "浙江", "杭州市", "西湖区", None, "文三路 478号 2幢"),
    ("浙江省　杭州市　西湖区　文三路478号", "浙江", "杭州市", "西湖区", None, "文三路478号"),
    ("浙江 杭州 西湖 文三路1号", "浙江", "杭州市", "西湖区", None, "文三路1号"),
    ("浙江省 杭州市 西湖区 新设街道 文三路478号", "浙江", "杭州市", "西湖区", "新设街道", "文三路478号"),
    ("浙江省 杭州市 西湖区", "浙江", "杭州市", "西湖区", None, None),
    ("浙江省 杭州市 文三路478号 3楼", "浙江", "杭州市", None, None, "文三路478号 3楼"),
    ("北京 北京市 朝阳区 望京街道 望京花园3号楼", "北京", "北京市", "朝阳区", "望京街道", "望京花园3号楼"),
    ("北京市 市辖区 朝阳区 建国路88号院", "北京", "北京市", "朝阳区", None, "建国路88号院"),
    ("北京 朝阳区 建国路88号院", "北京", "北京市", "朝阳区", None, "建国路88号院"),
    ("重庆 县 城口县 葛城街道 土城路1号", "重庆", "重庆市", "城口县", "葛城街道", "土城路1号"),
    ("湖北省 仙桃市 干河街道 仙桃大道1号", "湖北", "仙桃市", "仙桃市", "干河街道", "仙桃大道1号"),
    ("湖北省 省直辖县级行政区划 仙桃市 仙桃大道1号", "湖北", "仙桃市", "仙桃市", None, "仙桃大道1号"),
    ("广东省 东莞市 南城街道 鸿福路1号院", "广东", "东莞市", None, "南城街道", "鸿福路1号院"),
    ("广东省 东莞市 万达小区 3栋", "广东", "东莞市", None, None, "万达小区 3栋"),
    ("浙江省 杭州市 经济开发区 二号大街1号", "浙江", "杭州市", "经济开发区", None, "二号大街1号"),
    ("香港特别行政区 香港岛 中西区 皇后大道中1号", "香港", "香港岛", "中西区", None, "皇后大道中1号"),
    ("海外 美国 加州 1 Main St", "海外", None, None, None, "美国 加州 1 Main St"),
    # JD: no separators, no suffix on the province
    ("广东深圳市福田区福强路1号", "广东", "深圳市", "福田区", None, "福强路1号"),
    ("广东深圳市福田区沙头街道福强路1号", "广东", "深圳市", "福田区", "沙头街道", "福强路1号"),
    ("广东深圳福田区福强路1号", "广东", "深圳市", "福田区", None, "福强路1号"),
    ("北京朝阳区望京街道望京花园3号楼", "北京", "北京市", "朝阳区", "望京街道", "望京花园3号楼"),
    ("北京市朝阳区建国路88号", "北京", "北京市", "朝阳区", None, "建国路88号"),
    ("北京北京市朝阳区建国路88号", "北京", "北京市", "朝阳区", None, "建国路88号"),
    ("新疆乌鲁木齐市天山区新华北路1号", "新疆", "乌鲁木齐市", "天山区", None, "新华北路1号"),
    ("湖北仙桃市沔城回族镇莲花路1号院", "湖北", "仙桃市", "仙桃市", "沔城回族镇", "莲花路1号院"),
    ("湖北恩施州恩施市东风大道1号", "湖北", "恩施土家族苗族自治州", "恩施市", None, "东风大道1号"),
    ("广东东莞市南城街道鸿福路1号院", "广东", "东莞市", None, "南城街道", "鸿福路1号院"),
    ("浙江杭州市江干区凯旋路1号", "浙江", "杭州市", "江干区", None, "凯旋路1号"),
    ("吉林吉林市昌邑区解放路1号", "吉林", "吉林市", "昌邑区", None, "解放路1号"),
    ("海南省直辖县级行政区划琼海市嘉积镇银海路8号", "海南", "琼海市", "琼海市", "嘉积镇", "银海路8号"),
    ("中国浙江省杭州市西湖区文三路1号", "浙江", "杭州市", "西湖区", None, "文三路1号"),
    ("浙江省，杭州市，西湖区，文三路1号", "浙江", "杭州市", "西湖区", None, "文三路1号"),
    ("浙江省/杭州市/西湖区/文三路1号", "浙江", "杭州市", "西湖区", None, "文三路1号"),
    # a town stays in the detail when too little would remain
    ("河南周口市沈丘县莲池镇王庄村", "河南", "周口市", "沈丘县", None, "莲池镇王庄村"),
    # a road named after a county is no county; a city without suffix needs one after it
    ("浙江杭州市余杭塘路866号", "浙江", "杭州市", None, None, "余杭塘路866号"),
    ("浙江杭州余杭塘路866号", "浙江", None, None, None, "杭州余杭塘路866号"),
    ("上海上海路1号弄", "上海", "上海市", None, None, "上海路1号弄"),
    # the province is never guessed from the city
    ("吉林市昌邑区解放路1号", None, "吉林市", "昌邑区", None, "解放路1号"),
    ("杭州市西湖区文三路1号", None, "杭州市", "西湖区", None, "文三路1号"),
    # masked
    ("浙江省 杭州市 西湖区 ****** ", "浙江", "杭州市", "西湖区", None, "******"),
    ("##8sKz+/aB1c==", None, None, None, None, "##8sKz+/aB1c=="),
    ("null", None, None, None, None, None),
    (None, None, None, None, None, None),
]  # fmt: skip


@pytest.mark.parametrize("row", TEXT_AND_PARTS, ids=lambda row: str(row[0]))
def test_parts_of_a_text(row: tuple[str | None, ...]) -> None:
    parts = split(pl.Series([row[0]], dtype=pl.String), DIVISIONS)
    assert parts.select("province", "city", "district", "town", "address").row(0) == row[1:]


def test_all_texts_at_once_as_one_by_one() -> None:
    parts = split(pl.Series([row[0] for row in TEXT_AND_PARTS]), DIVISIONS)
    assert parts.columns == list(COLUMNS)
    assert parts.select(COLUMNS[2:]).rows() == [row[1:] for row in TEXT_AND_PARTS]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (
            "张三，86-13800001234，浙江省 杭州市 西湖区 文三路478号，2单元 ，",
            ("张三", "13800001234", "浙江", "杭州市", "西湖区", None, "文三路478号，2单元"),
        ),
        (
            "张**，86-138****1234，广东省 东莞市 南城街道 ****** ，000000",
            ("张**", "138****1234", "广东", "东莞市", None, "南城街道", "******"),
        ),
        (
            "李四，86-13800001234-5678，上海 上海市 浦东新区 世纪大道100号，",
            ("李四", "13800001234-5678", "上海", "上海市", "浦东新区", None, "世纪大道100号"),
        ),
    ],
)
def test_tmall_puts_the_receiver_before_the_address(text: str, parts: tuple[str | None, ...]) -> None:
    assert split(pl.Series([text]), DIVISIONS).row(0) == parts


def _places() -> list[tuple[str, str, str, str, str, str]]:
    """Province in full and short, city ("" when it is the province or missing), county, town, of the real data."""
    rows = division_rows().filter(pl.col("until").is_null()).select("code", "name")
    names = dict(rows.iter_rows())
    short = dict(DIVISIONS.provinces.select("full", "name").iter_rows())
    return [
        (full, short[full], names.get(code[:4] + "00", ""), names[code[:6]], town, code)
        for code, town in rows.iter_rows()
        if len(code) == 9 and code[4:6] != "00" and (full := names[code[:2] + "0000"])
    ]


PLACES = _places()
MUNICIPALITIES = ("北京", "天津", "上海", "重庆")
DETAILS = st.text(alphabet="文晖解放丰潭号栋室0123456789-A单元，", min_size=5, max_size=20).map(
    lambda tail: "甲" + tail.rstrip("，")
)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(PLACES), st.booleans(), DETAILS), min_size=1, max_size=100))
def test_what_is_joined_is_split_again(
    orders: list[tuple[tuple[str, str, str, str, str, str], bool, str]],
) -> None:
    spaced, run_together, expected = [], [], []
    for (full, short, city, county, town, _), with_town, detail in orders:
        middle = full if short in MUNICIPALITIES else city
        parts = [full, middle, county, town if with_town else "", detail]
        spaced.append(" ".join(part for part in parts if part) + "(310012)")
        run_together.append("".join([short, *(part for part in [city, county, *parts[3:]] if part)]))
        expected.append((short, middle or county, county, town if with_town else None, detail))
    for texts in (spaced, run_together):
        parts_again = split(pl.Series(texts), DIVISIONS)
        assert parts_again.select("province", "city", "district", "town", "address").rows() == [
            row if len(row[4]) >= 5 or texts is spaced else (*row[:3], None, (row[3] or "") + row[4])
            for row in expected
        ]


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="浙江省杭州市西湖区文新街道广东深圳北京朝阳县号1 　*，()0", max_size=40))
def test_no_character_of_the_text_is_lost(text: str) -> None:
    """The detail is the end of the text; before it only names, separators, and after it a postcode."""
    row = split(pl.Series([text], dtype=pl.String), DIVISIONS).row(0, named=True)
    if row["phone"] is None and row["address"] is not None:
        assert row["address"] in text
        after = text.rpartition(row["address"])[2].strip(" 　")
        assert after == "" or (len(after) == 8 and after[1:-1].isdigit())
