"""JD POP export: GBK, every cell quoted, a comma after the last one, one row a SKU with the order repeated."""

from datetime import datetime
from typing import Final

import polars as pl

from qingdan.sandbox.samples.files import Style, fill, header, masked_detail, masked_name, mixed, number, wall, yuan
from qingdan.sandbox.samples.orders import Batch
from qingdan.sandbox.samples.vocabulary import MUNICIPALITIES

STYLE: Final = Style("gb18030", quote_all=True, trailing_comma=True)
HEADER: Final = header("jd")
STATUS: Final = {
    "waiting": "等待出库",
    "unpaid": "等待付款",
    "shipped": "等待确认收货",
    "signed": "完成",
}


def order_no() -> pl.Expr:
    """12 digits."""
    return number(312_000_000_000, 397).cast(pl.String)


def file_name(as_of: datetime) -> str:
    """Moment of the export."""
    return f"京东订单导出_{as_of:%Y%m%d%H%M%S}.csv"


def render(batch: Batch) -> pl.DataFrame:
    """Rows of the order list; amounts of the order stand on each of its lines."""
    frame = batch.lines.drop("discount").join(batch.orders.drop("title"), on="row", how="left", maintain_order="left")
    city = pl.when(~pl.col("city").is_in(MUNICIPALITIES)).then("city")
    address = pl.concat_str("short", city, "district", "town", masked_detail(), ignore_nulls=True)
    even = mixed("serial", 2) == 0
    cancelled = pl.when(even).then(pl.lit("(删除)等待出库")).otherwise(pl.lit("已取消"))
    held = pl.when(even).then(pl.lit("(锁定)等待出库")).otherwise(pl.lit("暂停"))
    on_delivery = pl.col("problem") == "cash_on_delivery"
    phone = pl.col("phone").str.slice(0, 1) + "******" + pl.col("phone").str.slice(7)
    message = pl.when(pl.col("message") != "").then(pl.col("message") + "\r\n").otherwise(pl.lit(""))
    cells = {
        "订单号": order_no(),
        "商品ID": pl.lit("100") + pl.col("sku").hash(0).mod(10**9).cast(pl.String).str.zfill(9),
        "商品名称": pl.col("title") + " " + pl.col("spec"),
        "订购数量": pl.col("quantity").cast(pl.String),
        "支付方式": pl.when(on_delivery).then(pl.lit("货到付款")).otherwise(pl.lit("在线支付")),
        "下单时间": wall("created"),
        "京东价": yuan("price"),
        "订单金额": yuan("goods_amount"),
        "结算金额": yuan("paid_amount"),
        "余额支付": pl.lit("0.00"),
        "应付金额": yuan("paid_amount"),
        "订单状态": pl.when(pl.col("problem") == "platform_hold")
        .then(held)
        .when(pl.col("state") == "cancelled")
        .then(cancelled)
        .otherwise(pl.col("state").replace_strict(STATUS, default=None, return_dtype=pl.String)),
        "订单类型": pl.lit("销售订单"),
        "下单帐号": pl.lit("jd_") + pl.col("buyer").str.tail(10),
        "客户姓名": masked_name(),
        "客户地址": address,
        "联系电话": pl.when("masked").then(phone).otherwise("phone"),
        "订单备注": message,
        "发票类型": pl.lit("电子发票"),
        "发票抬头": pl.lit("个人"),
        "发票内容": pl.lit("商品明细"),
        "商家备注": pl.col("memo"),
        "商家备注等级（等级1-5为由高到低）": pl.when(pl.col("memo") != "").then(pl.lit("1")),
        "运费金额": yuan("freight"),
        "付款确认时间": wall("paid"),
        "增值税发票": pl.lit("否"),
        "货号": pl.col("sku") + "\t",
        "订单来源": pl.when(even).then(pl.lit("移动端订单")).otherwise(pl.lit("PC")),
        "商家SKUID": pl.col("sku"),
        "是否为品牌商订单": pl.lit("否"),
        "是否为toplife订单": pl.lit("否"),
    }
    return fill(frame, HEADER, cells, "")
