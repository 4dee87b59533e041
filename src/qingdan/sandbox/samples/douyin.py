r"""Douyin shop export: UTF-8 with BOM, ``"\t…"`` cells, one row a sub-order."""

import hashlib
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

import polars as pl

from qingdan.sandbox.samples.files import Style, city_column, fill, header, mixed, number, wall, yuan
from qingdan.sandbox.samples.orders import Batch

STYLE: Final = Style("utf-8-sig", quote_all=True)
HEADER: Final = header("douyin")
STATUS: Final = {
    "waiting": "待发货",
    "unpaid": "待支付",
    "shipped": "已发货",
    "signed": "已完成",
    "cancelled": "已关闭",
}
_MONEY: Final = (
    "平台优惠",
    "达人优惠",
    "商家改价",
    "支付优惠",
    "红包抵扣",
    "手续费",
    "降价类优惠",
    "达人实际承担优惠金额",
)


def order_no() -> pl.Expr:
    """19 digits."""
    return number(6_917_926_768_823_643_008, 9973).cast(pl.String)


def file_name(as_of: datetime, seed: int) -> str:
    """Unix seconds of the export and a hash."""
    seconds = int(as_of.replace(tzinfo=ZoneInfo("Asia/Shanghai")).timestamp())
    return f"{seconds}_{hashlib.md5(str(seed).encode(), usedforsecurity=False).hexdigest()}.csv"


def render(batch: Batch) -> pl.DataFrame:
    """Rows of the product-order report."""
    frame = batch.lines.join(
        batch.orders.drop("title", "discount"), on="row", how="left", maintain_order="left"
    ).with_columns(paid_line=pl.col("price") * pl.col("quantity") - pl.col("discount"))
    cipher = pl.concat_str(mixed("serial", 36**5).cast(pl.String), pl.lit("Kx7/"), pl.col("serial").cast(pl.String))
    hidden = pl.col("masked")
    pay = pl.Series(["抖音支付", "抖音支付", "微信", "支付宝"])
    cells = {
        "主订单编号": order_no(),
        "子订单编号": (number(6_917_926_768_823_643_008, 9973) + pl.col("line") - 1).cast(pl.String),
        "选购商品": pl.col("title"),
        "商品规格": pl.col("spec"),
        "商品ID": pl.lit("36") + pl.col("item").hash(0).mod(10**14).cast(pl.String).str.zfill(14),
        "商家编码": pl.col("sku"),
        "支付方式": mixed("serial", 4).replace_strict(dict(enumerate(pay)), return_dtype=pl.String),
        "收件人": pl.when(hidden).then(pl.lit("##") + cipher + "==").otherwise("name"),
        "收件人手机号": pl.when(hidden).then(pl.lit("$$") + cipher + "=").otherwise("phone"),
        "省": pl.col("province"),
        "市": city_column(),
        "区": pl.col("district"),
        "街道": pl.col("town"),
        "详细地址": pl.when(hidden).then(pl.lit("##") + cipher + "dQ9zLm==").otherwise("detail"),
        "是否修改过地址": pl.lit("否"),
        "买家留言": pl.col("message"),
        "订单提交时间": wall("created"),
        "旗帜颜色": pl.when(pl.col("memo") != "").then(pl.lit("红")).otherwise(pl.lit("灰")),
        "商家备注": pl.col("memo"),
        "支付完成时间": wall("paid"),
        "APP渠道": pl.lit("抖音"),
        "流量来源": pl.lit("直播"),
        "订单状态": pl.when((pl.col("state") == "waiting") & (mixed("serial", 5) == 0))
        .then(pl.lit("备货中"))
        .otherwise(pl.col("state").replace_strict(STATUS, return_dtype=pl.String)),
        "承诺发货时间": wall("ship_by"),
        "订单类型": pl.lit("普通订单"),
        "达人ID": pl.lit("70012345678"),
        "达人昵称": pl.lit("小颜好物直播间"),
        "售后状态": pl.when(pl.col("problem") == "refund_open").then(pl.lit("售后中")).otherwise(pl.lit("-")),
        "取消原因": pl.when(pl.col("state") == "cancelled").then(pl.lit("不想买了")),
        "流量体裁": pl.lit("直播"),
        "发货时间": wall("shipped"),
    }
    text = {
        name: pl.lit("\t") + pl.when(cell != "").then(cell).otherwise(pl.lit("-")).fill_null("-")
        for name, cell in cells.items()
    }
    plain = {
        "商品数量": pl.col("quantity").cast(pl.String),
        "商品单价": yuan("price"),
        "订单应付金额": yuan("paid_line"),
        "运费": pl.lit("0.00"),
        "优惠总金额": yuan("discount"),
        "商家优惠": yuan("discount"),
        "平台实际承担优惠金额": pl.lit("0.00"),
        "商家实际承担优惠金额": yuan("discount"),
    } | dict.fromkeys(_MONEY, pl.lit("0.00"))
    return fill(frame, HEADER, text | plain, "-")
