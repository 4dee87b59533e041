"""The field catalogue: the one table of what Qingdan knows of an order.

Intake, rules, API, screens, exports and the field documentation all read this table. To add a field, add a row
here, run ``make migrations`` and map it in the channels that carry it.

Money is integer fen, times are UTC, identifiers are text.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from qingdan.core.platforms import platforms


class Type(StrEnum):
    """Value types of fields and of rule expressions."""

    ENUM = "enum"
    TEXT = "text"
    INT = "int"
    MONEY = "money"
    TIME = "time"
    DURATION = "duration"
    BOOL = "bool"
    ENUM_LIST = "enum_list"


class Scope(StrEnum):
    """Whether a field belongs to the order or to each of its lines."""

    ORDER = "order"
    LINE = "line"


class Pii(StrEnum):
    """Class of personal data; decides how a value is masked (see ``core.masking``)."""

    NONE = "none"
    NAME = "name"
    PHONE = "phone"
    ADDRESS = "address"
    ACCOUNT = "account"
    NOTE = "note"


class Source(StrEnum):
    """Where a value comes from."""

    PLATFORM = "platform"
    FACT = "fact"
    FEATURE = "feature"
    LEDGER = "ledger"


class Group(StrEnum):
    """Section of the order card, the export and the field documentation."""

    IDENTITY = "identity"
    BUYER = "buyer"
    RECEIVER = "receiver"
    MONEY = "money"
    PAYMENT = "payment"
    TIMES = "times"
    AFTER_SALES = "after_sales"
    NOTES = "notes"
    GOODS = "goods"
    FEATURES = "features"
    LINE = "line"


GROUP_LABELS: Final[dict[Group, tuple[str, str]]] = {
    Group.IDENTITY: ("订单", "Order"),
    Group.BUYER: ("买家", "Buyer"),
    Group.RECEIVER: ("收货", "Receiver"),
    Group.MONEY: ("金额", "Amounts"),
    Group.PAYMENT: ("支付", "Payment"),
    Group.TIMES: ("时间", "Times"),
    Group.AFTER_SALES: ("售后与预售", "After-sales and presale"),
    Group.NOTES: ("留言与备注", "Messages and memos"),
    Group.GOODS: ("商品", "Goods"),
    Group.FEATURES: ("特征", "Features"),
    Group.LINE: ("商品明细", "Lines"),
}


@dataclass(frozen=True, slots=True)
class Value:
    """One value of an enum: stable id and its labels."""

    id: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Field:
    """One row of the catalogue.

    ``default`` is what intake stores when the source says nothing; a field without one is nullable or required.
    """

    id: str
    type: Type
    zh: str
    en: str
    group: Group
    nullable: bool = False
    values: tuple[Value, ...] = ()
    pii: Pii = Pii.NONE
    source: Source = Source.PLATFORM
    scope: Scope = Scope.ORDER
    default: str | int | bool | tuple[str, ...] | None = None

    @property
    def value_ids(self) -> tuple[str, ...]:
        """Ids of the enum values, in order."""
        return tuple(v.id for v in self.values)


def _values(*rows: tuple[str, str, str]) -> tuple[Value, ...]:
    return tuple(Value(*row) for row in rows)


CHANNELS: Final = tuple(Value(p.id, p.zh, p.en) for p in platforms())
"""One folder under ``channels/`` each; see docs/channels.md."""

PROVINCES: Final = _values(
    ("北京", "北京", "Beijing"),
    ("天津", "天津", "Tianjin"),
    ("河北", "河北", "Hebei"),
    ("山西", "山西", "Shanxi"),
    ("内蒙古", "内蒙古", "Inner Mongolia"),
    ("辽宁", "辽宁", "Liaoning"),
    ("吉林", "吉林", "Jilin"),
    ("黑龙江", "黑龙江", "Heilongjiang"),
    ("上海", "上海", "Shanghai"),
    ("江苏", "江苏", "Jiangsu"),
    ("浙江", "浙江", "Zhejiang"),
    ("安徽", "安徽", "Anhui"),
    ("福建", "福建", "Fujian"),
    ("江西", "江西", "Jiangxi"),
    ("山东", "山东", "Shandong"),
    ("河南", "河南", "Henan"),
    ("湖北", "湖北", "Hubei"),
    ("湖南", "湖南", "Hunan"),
    ("广东", "广东", "Guangdong"),
    ("广西", "广西", "Guangxi"),
    ("海南", "海南", "Hainan"),
    ("重庆", "重庆", "Chongqing"),
    ("四川", "四川", "Sichuan"),
    ("贵州", "贵州", "Guizhou"),
    ("云南", "云南", "Yunnan"),
    ("西藏", "西藏", "Tibet"),
    ("陕西", "陕西", "Shaanxi"),
    ("甘肃", "甘肃", "Gansu"),
    ("青海", "青海", "Qinghai"),
    ("宁夏", "宁夏", "Ningxia"),
    ("新疆", "新疆", "Xinjiang"),
    ("台湾", "台湾", "Taiwan"),
    ("香港", "香港", "Hong Kong"),
    ("澳门", "澳门", "Macao"),
)

COUNTRIES: Final = _values(
    ("CN", "中国大陆", "Mainland China"),
    ("HK", "中国香港", "Hong Kong, China"),
    ("MO", "中国澳门", "Macao, China"),
    ("TW", "中国台湾", "Taiwan, China"),
    ("OTHER", "海外", "Overseas"),
)

PLATFORM_STATES: Final = _values(
    ("unpaid", "待付款", "Unpaid"),
    ("waiting", "待发货", "Waiting to ship"),
    ("partly_shipped", "部分发货", "Partly shipped"),
    ("shipped", "已发货", "Shipped"),
    ("signed", "已签收", "Signed for"),
    ("closed", "交易关闭", "Closed"),
    ("cancelled", "已取消", "Cancelled"),
)

PLATFORM_HOLDS: Final = _values(
    ("none", "无", "None"),
    ("locked", "锁定", "Locked"),
    ("paused", "暂停", "Paused"),
    ("risk_review", "平台审核中", "Under platform review"),
    ("group_incomplete", "未成团", "Group not complete"),
    ("presale_unpaid", "尾款未付", "Presale balance unpaid"),
    ("abnormal", "平台标记异常", "Marked abnormal by the platform"),
)

STAGES: Final = _values(
    ("unpaid", "待付款", "Unpaid"),
    ("in_review", "待审核", "In review"),
    ("exception", "异常", "Exception"),
    ("held", "挂起", "Held"),
    ("released", "待发货", "Released"),
    ("sent", "已推送", "Sent"),
    ("shipped", "已发货", "Shipped"),
    ("cancelled", "已取消", "Cancelled"),
    ("archived", "已归档", "Archived"),
)

REFUND_STATES: Final = _values(
    ("none", "无退款", "None"),
    ("requested", "申请退款", "Requested"),
    ("in_progress", "退款中", "In progress"),
    ("refused", "已拒绝退款", "Refused"),
    ("closed", "退款关闭", "Closed"),
    ("success", "退款成功", "Refunded"),
)

PAY_METHODS: Final = _values(
    ("wechat", "微信支付", "WeChat Pay"),
    ("alipay", "支付宝", "Alipay"),
    ("douyin_pay", "抖音支付", "Douyin Pay"),
    ("jd_pay", "京东在线支付", "JD online payment"),
    ("platform", "平台收银台", "Platform cashier"),
    ("card", "银行卡", "Bank card"),
    ("transfer", "转账汇款", "Bank transfer"),
    ("cod", "货到付款", "Cash on delivery"),
    ("other", "其他方式", "Other"),
)

PAY_STATUSES: Final = _values(("paid", "已支付", "Paid"), ("unpaid", "未支付", "Not paid"))

PAYMENT_MATCHES: Final = _values(
    ("none", "未核对", "Not checked"),
    ("full", "已付清", "Paid in full"),
    ("short", "少付", "Paid too little"),
    ("over", "多付", "Paid too much"),
    ("double", "重复付款", "Paid twice"),
    ("refunded", "已全额退款", "Refunded in full"),
    ("part_refunded", "已部分退款", "Refunded in part"),
    ("missing", "账单无此款", "Not in the bill"),
    ("unexpected", "未付却有款", "Unpaid but in the bill"),
    ("unpaid", "无付款", "No payment"),
    ("settled", "财务已处理", "Settled by finance"),
)
"""What bills say of an order's payment (see ``finance.matching``); ``none`` while no bill of its time is there."""

PRESALE_STEPS: Final = _values(
    ("none", "非预售", "Not a presale"),
    ("deposit_paid", "定金已付", "Deposit paid"),
    ("balance_paid", "尾款已付", "Balance paid"),
)

FLAG_COLORS: Final = _values(
    ("none", "无旗", "None"),
    ("red", "红旗", "Red"),
    ("orange", "橙旗", "Orange"),
    ("yellow", "黄旗", "Yellow"),
    ("green", "绿旗", "Green"),
    ("cyan", "青旗", "Cyan"),
    ("blue", "蓝旗", "Blue"),
    ("purple", "紫旗", "Purple"),
    ("grey", "灰旗", "Grey"),
)

ADDRESS_QUALITIES: Final = _values(
    ("complete", "完整", "Complete"),
    ("masked", "已脱敏", "Masked"),
    ("incomplete", "不完整", "Incomplete"),
)

ADDRESS_GAPS: Final = _values(
    ("province", "缺省份", "No province"),
    ("city", "缺城市", "No city"),
    ("district", "缺区县", "No district"),
    ("detail", "缺详细地址", "No detailed address"),
    ("detail_short", "详细地址过短", "Detailed address too short"),
    ("house_number", "缺门牌", "No house number"),
)

_T, _G, _S = Type, Group, Source

CATALOGUE: Final[tuple[Field, ...]] = (
    Field("channel", _T.ENUM, "平台", "Channel", _G.IDENTITY, values=CHANNELS),
    Field("shop", _T.TEXT, "店铺", "Shop", _G.IDENTITY),
    Field("order_no", _T.TEXT, "订单号", "Order number", _G.IDENTITY),
    Field("platform_status", _T.TEXT, "平台状态原文", "Platform status text", _G.IDENTITY, nullable=True),
    Field(
        "platform_state",
        _T.ENUM,
        "平台状态",
        "Platform state",
        _G.IDENTITY,
        nullable=True,
        values=PLATFORM_STATES,
    ),
    Field(
        "platform_hold",
        _T.ENUM,
        "平台限制",
        "Platform hold",
        _G.IDENTITY,
        values=PLATFORM_HOLDS,
        default="none",
    ),
    Field("stage", _T.ENUM, "状态", "Stage", _G.IDENTITY, values=STAGES, source=_S.LEDGER),
    Field("buyer_token", _T.TEXT, "买家标识", "Buyer token", _G.BUYER, nullable=True, pii=Pii.ACCOUNT),
    Field("vip", _T.BOOL, "VIP客户", "VIP customer", _G.BUYER, source=_S.FACT, default=False),
    Field("key_account", _T.BOOL, "大客户", "Key account", _G.BUYER, source=_S.FACT, default=False),
    Field("blacklisted", _T.BOOL, "黑名单客户", "Blacklisted", _G.BUYER, source=_S.FACT, default=False),
    Field("expedited", _T.BOOL, "加急标记", "Expedited", _G.BUYER, source=_S.FACT, default=False),
    Field("complaint_warning", _T.BOOL, "投诉预警", "Complaint warning", _G.BUYER, source=_S.FACT, default=False),
    Field("returns_30d", _T.INT, "近30天退货", "Returns in 30 days", _G.BUYER, source=_S.FEATURE, default=0),
    Field("receiver_name", _T.TEXT, "收货人", "Receiver", _G.RECEIVER, nullable=True, pii=Pii.NAME),
    Field("receiver_phone", _T.TEXT, "收货电话", "Receiver phone", _G.RECEIVER, nullable=True, pii=Pii.PHONE),
    Field("country", _T.ENUM, "收货国家", "Country", _G.RECEIVER, nullable=True, values=COUNTRIES),
    Field("province", _T.ENUM, "省份", "Province", _G.RECEIVER, nullable=True, values=PROVINCES),
    Field("city", _T.TEXT, "城市", "City", _G.RECEIVER, nullable=True),
    Field("district", _T.TEXT, "区县", "District", _G.RECEIVER, nullable=True),
    Field("town", _T.TEXT, "街道乡镇", "Town", _G.RECEIVER, nullable=True),
    Field("address", _T.TEXT, "详细地址", "Detailed address", _G.RECEIVER, nullable=True, pii=Pii.ADDRESS),
    Field("receiver_masked", _T.BOOL, "收货信息脱敏", "Receiver masked", _G.RECEIVER, default=False),
    Field(
        "receiver_token",
        _T.TEXT,
        "平台收货令牌",
        "Platform receiver token",
        _G.RECEIVER,
        nullable=True,
        pii=Pii.ACCOUNT,
    ),
    Field("goods_amount", _T.MONEY, "商品金额", "Goods amount", _G.MONEY, nullable=True),
    Field("freight", _T.MONEY, "运费", "Freight", _G.MONEY, nullable=True),
    Field("discount", _T.MONEY, "优惠金额", "Discount", _G.MONEY, nullable=True),
    Field("paid_amount", _T.MONEY, "实付金额", "Paid amount", _G.MONEY, nullable=True),
    Field("pay_method", _T.ENUM, "支付方式", "Pay method", _G.PAYMENT, nullable=True, values=PAY_METHODS),
    Field("pay_status", _T.ENUM, "支付状态", "Pay status", _G.PAYMENT, nullable=True, values=PAY_STATUSES),
    Field("payment_no", _T.TEXT, "支付单号", "Payment number", _G.PAYMENT, nullable=True, pii=Pii.ACCOUNT),
    Field(
        "payment_match",
        _T.ENUM,
        "支付核对",
        "Payment match",
        _G.PAYMENT,
        values=PAYMENT_MATCHES,
        source=_S.FACT,
        default="none",
    ),
    Field("created_at", _T.TIME, "下单时间", "Created at", _G.TIMES, nullable=True),
    Field("paid_at", _T.TIME, "付款时间", "Paid at", _G.TIMES, nullable=True),
    Field("ship_by", _T.TIME, "承诺发货时间", "Ship by", _G.TIMES, nullable=True),
    Field("pickup_by", _T.TIME, "承诺揽收时间", "Pickup by", _G.TIMES, nullable=True),
    Field(
        "refund_state",
        _T.ENUM,
        "退款状态",
        "Refund state",
        _G.AFTER_SALES,
        nullable=True,
        values=REFUND_STATES,
    ),
    Field(
        "presale_step",
        _T.ENUM,
        "预售阶段",
        "Presale step",
        _G.AFTER_SALES,
        values=PRESALE_STEPS,
        default="none",
    ),
    Field(
        "address_changed",
        _T.BOOL,
        "平台改址未确认",
        "Address change unconfirmed",
        _G.AFTER_SALES,
        default=False,
    ),
    Field("buyer_message", _T.TEXT, "买家留言", "Buyer message", _G.NOTES, pii=Pii.NOTE, default=""),
    Field("seller_memo", _T.TEXT, "商家备注", "Seller memo", _G.NOTES, pii=Pii.NOTE, default=""),
    Field("flag_color", _T.ENUM, "旗帜颜色", "Flag colour", _G.NOTES, values=FLAG_COLORS, default="none"),
    Field("flag_label", _T.TEXT, "旗帜标签", "Flag label", _G.NOTES, default=""),
    Field("invoice_wanted", _T.BOOL, "要发票", "Invoice wanted", _G.NOTES, default=False),
    Field("goods_title", _T.TEXT, "商品标题汇总", "Goods titles", _G.GOODS, default=""),
    Field("item_count", _T.INT, "商品件数", "Item count", _G.GOODS, nullable=True, source=_S.FEATURE),
    Field("kind_count", _T.INT, "商品种数", "Kinds", _G.GOODS, nullable=True, source=_S.FEATURE),
    Field("mainland", _T.BOOL, "大陆地区", "In mainland China", _G.FEATURES, nullable=True, source=_S.FEATURE),
    Field("remote_region", _T.BOOL, "偏远地区", "Remote region", _G.FEATURES, nullable=True, source=_S.FEATURE),
    Field(
        "phone_plausible",
        _T.BOOL,
        "电话可信",
        "Phone plausible",
        _G.FEATURES,
        nullable=True,
        source=_S.FEATURE,
    ),
    Field(
        "address_quality",
        _T.ENUM,
        "地址质量",
        "Address quality",
        _G.FEATURES,
        values=ADDRESS_QUALITIES,
        source=_S.FEATURE,
        default="incomplete",
    ),
    Field(
        "address_gaps",
        _T.ENUM_LIST,
        "地址缺项",
        "Address gaps",
        _G.FEATURES,
        values=ADDRESS_GAPS,
        source=_S.FEATURE,
        default=(),
    ),
    Field("receiver_key", _T.TEXT, "同收货人标识", "Receiver key", _G.FEATURES, nullable=True, source=_S.FEATURE),
    Field(
        "same_receiver_count",
        _T.INT,
        "同收货人订单数",
        "Orders to this receiver",
        _G.FEATURES,
        source=_S.FEATURE,
        default=1,
    ),
    *(
        Field(key, _T.INT, zh, en, _G.FEATURES, source=_S.FEATURE, default=given)
        for key, zh, en, given in (
            ("same_phone_count", "同电话订单数", "Orders with this phone", 1),
            ("same_buyer_count", "同买家订单数", "Orders of this buyer", 1),
            ("same_minute_count", "同店同分钟订单数", "Orders of the shop in this minute", 1),
            ("same_amount_count", "同店同额订单数", "Orders of the shop with this amount in this hour", 1),
            ("receiver_refunds_30d", "同收货人近30天退款", "Refunds of this receiver in 30 days", 0),
        )
    ),
    Field(
        "amount_vs_usual",
        _T.INT,
        "金额占常值百分比",
        "Amount against usual, %",
        _G.FEATURES,
        nullable=True,
        source=_S.FEATURE,
    ),
    Field("line_no", _T.TEXT, "明细号", "Line number", _G.LINE, scope=Scope.LINE),
    Field("sku_code", _T.TEXT, "商家编码", "Merchant SKU code", _G.LINE, nullable=True, scope=Scope.LINE),
    Field("title", _T.TEXT, "商品名称", "Title", _G.LINE, scope=Scope.LINE, default=""),
    Field("spec", _T.TEXT, "规格", "Spec", _G.LINE, scope=Scope.LINE, default=""),
    Field("quantity", _T.INT, "数量", "Quantity", _G.LINE, nullable=True, scope=Scope.LINE),
    Field("unit_price", _T.MONEY, "单价", "Unit price", _G.LINE, nullable=True, scope=Scope.LINE),
    Field("line_paid_amount", _T.MONEY, "明细实付", "Line paid amount", _G.LINE, nullable=True, scope=Scope.LINE),
    Field(
        "line_refund_state",
        _T.ENUM,
        "明细退款状态",
        "Line refund state",
        _G.LINE,
        nullable=True,
        values=REFUND_STATES,
        scope=Scope.LINE,
    ),
    Field("gift", _T.BOOL, "赠品", "Gift", _G.LINE, scope=Scope.LINE, default=False),
)

FIELDS: Final[dict[str, Field]] = {f.id: f for f in CATALOGUE}
ORDER_FIELDS: Final[tuple[Field, ...]] = tuple(f for f in CATALOGUE if f.scope is Scope.ORDER)
LINE_FIELDS: Final[tuple[Field, ...]] = tuple(f for f in CATALOGUE if f.scope is Scope.LINE)
