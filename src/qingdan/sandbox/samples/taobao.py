"""千牛 exports: an order list and its item list, as GBK CSV of 2022 (V4) or as XLSX of 2025 (V5)."""

from datetime import datetime
from typing import Final

import polars as pl

from qingdan.sandbox.samples.files import (
    Style,
    fill,
    header,
    masked_detail,
    masked_name,
    masked_phone,
    mixed,
    number,
    wall,
    yuan,
)
from qingdan.sandbox.samples.orders import Batch
from qingdan.sandbox.samples.vocabulary import MUNICIPALITIES

STYLE: Final = Style("gb18030")
ORDER_V4: Final = header("taobao_order_v4")
ITEM_V4: Final = header("taobao_item_v4")
ORDER_V5: Final = header("taobao_order_v5")
ITEM_V5: Final = header("taobao_item_v5")
STATUS: Final = {
    "waiting": "买家已付款，等待卖家发货",
    "unpaid": "等待买家付款",
    "shipped": "卖家已发货，等待买家确认",
    "signed": "交易成功",
    "cancelled": "交易关闭",
}
_BASE: Final = 3_304_375_611_452_199_936


def order_no() -> pl.Expr:
    """19 digits."""
    return number(_BASE, 9973).cast(pl.String)


def file_names(as_of: datetime, *, xlsx: bool) -> tuple[str, str]:
    """Order list and item list; the platform itself spells it Iteml."""
    if xlsx:
        return f"ExportOrderList{as_of:%Y%m%d%H}05.xlsx", f"ExportItemlList{as_of:%Y%m%d%H}06.xlsx"
    return f"ExportOrderList{as_of:%Y%m%d%H%M}.csv", f"ExportOrderDetailList{as_of:%Y%m%d%H%M}.csv"


def _region() -> pl.Expr:
    """``省 市 区 [街道]``, a municipality's province without its suffix; the town stands in half of the orders."""
    municipal = pl.col("province").is_in(MUNICIPALITIES)
    province = pl.when(municipal).then("short").otherwise("province")
    town = pl.when(mixed("serial", 2) == 0).then("town")
    return pl.concat_str(province, "city", "district", town, masked_detail(), separator=" ", ignore_nulls=True)


def _payment_no() -> pl.Expr:
    digits = (pl.col("serial") * 7919 + 22001).cast(pl.String).str.zfill(14)
    return pl.when(pl.col("paid").is_not_null()).then(pl.col("paid").dt.strftime("%Y%m%d") + "220014" + digits)


def _refund() -> pl.Expr:
    return pl.col("problem") == "refund_open"


def _shared(shop: str) -> dict[str, pl.Expr]:
    """Cells that both generations of the order list write alike."""
    return {
        "买家会员名": pl.col("buyer"),
        "支付单号": _payment_no(),
        "支付详情": "支付单号：" + _payment_no(),
        "买家应付货款": yuan(pl.col("goods_amount") - pl.col("discount")),
        "买家应付邮费": yuan("freight"),
        "总金额": yuan("paid_amount"),
        "订单状态": pl.col("state").replace_strict(STATUS, return_dtype=pl.String),
        "收货人姓名": masked_name(),
        "运送方式": pl.lit("快递"),
        "订单创建时间": wall("created"),
        "宝贝总数量": pl.col("item_count").cast(pl.String),
        "店铺Id": pl.lit("0"),
        "店铺名称": pl.lit(shop),
        "订单关闭原因": pl.when(pl.col("state") == "cancelled")
        .then(pl.lit("买家不想要了"))
        .otherwise(pl.lit("订单未关闭")),
        "退款金额": pl.when(_refund()).then(yuan("paid_amount")).otherwise(pl.lit("无退款申请")),
        "发货时间": wall("shipped"),
        "买家留言": pl.col("message"),
    }


def render_v4(batch: Batch, shop: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Order list and item list of 2022: ids as ``="…"``, phones behind an apostrophe."""
    cells = _shared(shop) | {
        "订单编号": '="' + order_no() + '"',
        "买家实际支付金额": pl.when(pl.col("state") == "unpaid").then(pl.lit("0.00")).otherwise(yuan("paid_amount")),
        "收货地址 ": _region() + "(000000)",
        "联系电话 ": pl.lit("'"),
        "联系手机": "'" + masked_phone(),
        "订单付款时间 ": wall("paid"),
        "宝贝标题 ": pl.col("title"),
        "宝贝种类 ": pl.col("kind_count").cast(pl.String),
        "订单备注": pl.col("memo"),
        "卖家服务费": pl.lit("0元"),
        "买家服务费": pl.lit("0元"),
        "打款商家金额": pl.lit("0.00元"),
        "是否手机订单": pl.lit("手机订单"),
        "修改后的收货地址": pl.lit("'null"),
        "主订单编号": '="' + order_no() + '"',
    }
    items = _items() | {"标题": pl.col("title"), "价格": yuan("price"), "订单付款时间 ": wall("paid")}
    items |= {"买家实际支付金额": yuan("paid_line")}
    items |= {name: '="' + items[name] + '"' for name in ("子订单编号", "主订单编号")}
    return fill(batch.orders, ORDER_V4, cells, ""), fill(_lines(batch), ITEM_V4, items, "")


def render_v5(batch: Batch, shop: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Order list and item list of 2025: name and phone stand in the address, the promise names its sub-order."""
    promise = pl.concat_str(
        pl.lit("子订单"), order_no(), pl.lit("： "), wall("ship_by", "%Y-%m-%d %H:%M"), pl.lit("前 ; ")
    )
    label = {"expedited": "加急", "vip": "VIP", "address_change": "改址"}
    in_memo = pl.when(pl.col("memo") != "").then("note")
    cells = _shared(shop) | {
        "订单编号": order_no(),
        "买家实付金额": pl.when(pl.col("state") == "unpaid").then(pl.lit("0.00")).otherwise(yuan("paid_amount")),
        "收货地址": pl.concat_str(
            masked_name(), pl.lit("，86-"), masked_phone(), pl.lit("，"), _region(), pl.lit(" ，")
        ),
        "联系手机": masked_phone(),
        "订单付款时间": wall("paid"),
        "商品标题": pl.col("title"),
        "宝贝种类": pl.col("kind_count").cast(pl.String),
        "商家备注": pl.col("memo"),
        "修改后的收货地址": pl.lit("null"),
        "应发货时间": pl.when(mixed("serial", 3) == 0).then(wall("ship_by")).otherwise(promise),
        "备注标签": in_memo.replace_strict(label, default=None, return_dtype=pl.String),
    }
    items = _items() | {
        "商品标题": pl.col("title"),
        "商品价格": yuan("price"),
        "买家实付金额": yuan("paid_line"),
        "订单付款时间": wall("paid"),
        "商家备注": pl.col("memo"),
        "商品ID": pl.lit("67") + pl.col("item").hash(0).mod(10**10).cast(pl.String).str.zfill(10),
        "店铺名称": pl.lit(shop),
    }
    return fill(batch.orders, ORDER_V5, cells, ""), fill(_lines(batch), ITEM_V5, items, "")


def _lines(batch: Batch) -> pl.DataFrame:
    return batch.lines.join(
        batch.orders.drop("title", "discount"), on="row", how="left", maintain_order="left"
    ).with_columns(paid_line=pl.col("price") * pl.col("quantity") - pl.col("discount"))


def _items() -> dict[str, pl.Expr]:
    """Cells that both generations of the item list write alike; a sub-order's number is the order's plus its place."""
    several = pl.when(pl.col("kind_count") > 1).then("line").otherwise(0)
    refund = pl.when(_refund()).then(pl.lit("买家已经申请退款，等待卖家同意")).otherwise(pl.lit("没有申请退款"))
    return {
        "子订单编号": (number(_BASE, 9973) + several).cast(pl.String),
        "主订单编号": order_no(),
        "购买数量": pl.col("quantity").cast(pl.String),
        "外部系统编号": pl.col("sku"),
        "商品属性": "颜色分类：" + pl.col("spec"),
        "备注": pl.col("memo"),
        "订单状态": pl.col("state").replace_strict(STATUS, return_dtype=pl.String),
        "商家编码": pl.col("item"),
        "支付单号": _payment_no(),
        "买家应付货款": yuan("paid_line"),
        "退款状态": refund,
        "退款金额": pl.when(_refund()).then(yuan("paid_line")).otherwise(pl.lit("无退款申请")),
        "订单创建时间": wall("created"),
    }
