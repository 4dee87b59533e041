"""Pinduoduo export: UTF-8 with BOM, cells with a tab behind them, one row an order."""

from datetime import datetime
from typing import Final

import polars as pl

from qingdan.sandbox.samples.files import (
    Style,
    city_column,
    fill,
    header,
    masked_detail,
    masked_name,
    masked_phone,
    mixed,
    wall,
    yuan,
)
from qingdan.sandbox.samples.orders import Batch

STYLE: Final = Style("utf-8-sig")
HEADER: Final = header("pdd")
STATUS: Final = {
    "waiting": "待发货",
    "unpaid": "待支付",
    "shipped": "已发货，待签收",
    "signed": "已签收",
    "cancelled": "已取消",
}


def order_no() -> pl.Expr:
    """Day of the order and 15 digits."""
    tail = (pl.col("serial") * 99_991 + mixed("serial", 9000)).cast(pl.String).str.zfill(15)
    return pl.col("created").dt.strftime("%y%m%d") + "-" + tail


def file_name(as_of: datetime) -> str:
    """``orders_export`` and the moment of the export."""
    return f"orders_export{as_of:%Y-%m-%d-%H-%M-%S}.csv"


def render(batch: Batch) -> pl.DataFrame:
    """Rows of the order list; an order has one SKU."""
    lines = batch.lines.filter(pl.col("line") == 1).select("row", "sku", "item", "spec", "quantity")
    frame = batch.orders.join(lines, on="row", how="left", maintain_order="left")
    no, yes = pl.lit("否"), pl.lit("是")
    digits = pl.col("item").hash(0).mod(10**12).cast(pl.String).str.zfill(12)
    cells = {
        "商品": pl.col("title"),
        "订单号": order_no(),
        "订单状态": pl.col("state").replace_strict(STATUS, return_dtype=pl.String),
        "商品总价(元)": yuan("goods_amount"),
        "邮费(元)": yuan("freight"),
        "店铺优惠折扣(元)": yuan("discount"),
        "平台优惠折扣(元)": pl.lit("0.00"),
        "多多支付立减金额(元)": pl.lit("0.00"),
        "用户实付金额(元)": yuan("paid_amount"),
        "商家实收金额(元)": yuan("paid_amount"),
        "商品数量(件)": pl.col("quantity").cast(pl.String),
        "收货人": masked_name(),
        "手机": masked_phone(),
        "省": pl.col("province"),
        "市": city_column(),
        "区": pl.col("district"),
        "街道/镇": pl.col("town"),
        "详细地址": masked_detail(),
        "支付时间": wall("paid"),
        "承诺发货时间": wall("ship_by"),
        "发货时间": wall("shipped"),
        "商品id": digits,
        "商品规格": pl.col("spec"),
        "样式ID": pl.lit("15") + digits,
        "商家编码-规格维度": pl.col("sku"),
        "商家编码-商品维度": pl.col("item"),
        "商家备注": pl.col("memo"),
        "买家留言": pl.col("message"),
        "售后状态": pl.when(pl.col("problem") == "refund_open")
        .then(pl.lit("售后处理中"))
        .otherwise(pl.lit("无售后或售后取消")),
        "订单成交时间": wall("created"),
        "是否审核中": pl.when(pl.col("problem") == "platform_hold").then(yes).otherwise(no),
        "是否抽奖或0元试用": no,
        "是否顺丰加价": no,
        "是否门店自提": no,
        "支付方式": mixed("serial", 3).replace_strict({0: "微信", 1: "微信", 2: "支付宝"}, return_dtype=pl.String),
    }
    tabbed = {name: cell.fill_null("") + "\t" for name, cell in cells.items()}
    return fill(frame, HEADER, tabbed, "\t")
