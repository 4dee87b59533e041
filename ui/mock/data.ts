/** Generated orders for looking at the pages without a server. Nothing here is real, phone numbers least of all. */
import type {
  Catalogue,
  CatalogueField,
  Labelled,
  OrderDetail,
  OrderEvent,
  OrderRow,
  Policy,
} from "../src/api/types";

let seed = 20261111;
const random = () => {
  seed = (seed * 1664525 + 1013904223) % 4294967296;
  return seed / 4294967296;
};
const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
const row = (text: string): Labelled[] =>
  text.split(",").map((one) => {
    const [id, zh, en] = one.split(":") as [string, string, string];
    return { id, zh, en };
  });

const PROVINCES = row(
  "北京:北京:Beijing,天津:天津:Tianjin,河北:河北:Hebei,山西:山西:Shanxi,内蒙古:内蒙古:Inner Mongolia,辽宁:辽宁:Liaoning,吉林:吉林:Jilin,黑龙江:黑龙江:Heilongjiang,上海:上海:Shanghai,江苏:江苏:Jiangsu,浙江:浙江:Zhejiang,安徽:安徽:Anhui,福建:福建:Fujian,江西:江西:Jiangxi,山东:山东:Shandong,河南:河南:Henan,湖北:湖北:Hubei,湖南:湖南:Hunan,广东:广东:Guangdong,广西:广西:Guangxi,海南:海南:Hainan,重庆:重庆:Chongqing,四川:四川:Sichuan,贵州:贵州:Guizhou,云南:云南:Yunnan,西藏:西藏:Tibet,陕西:陕西:Shaanxi,甘肃:甘肃:Gansu,青海:青海:Qinghai,宁夏:宁夏:Ningxia,新疆:新疆:Xinjiang,台湾:台湾:Taiwan,香港:香港:Hong Kong,澳门:澳门:Macao",
);
const STAGES = row(
  "unpaid:待付款:Unpaid,in_review:待审核:In review,exception:异常:Exception,held:挂起:Held,released:待发货:Released,sent:已推送:Sent,shipped:已发货:Shipped,cancelled:已取消:Cancelled,archived:已归档:Archived",
);
const CHANNELS = row("taobao:淘宝天猫:Taobao/Tmall,jd:京东:JD,pdd:拼多多:Pinduoduo,douyin:抖音:Douyin");

const field = (
  id: string,
  type: CatalogueField["type"],
  zh: string,
  en: string,
  group: string,
  more: Partial<CatalogueField> = {},
): CatalogueField => ({
  id,
  type,
  zh,
  en,
  group,
  nullable: true,
  values: [],
  pii: "none",
  scope: "order",
  source: "platform",
  ...more,
});

export const catalogue: Catalogue = {
  groups: row(
    "identity:订单:Order,buyer:买家:Buyer,receiver:收货:Receiver,money:金额:Amounts,payment:支付:Payment,times:时间:Times,notes:留言与备注:Messages and memos,features:特征:Features,line:商品明细:Lines",
  ),
  fields: [
    field("channel", "enum", "平台", "Channel", "identity", { values: CHANNELS }),
    field("shop", "text", "店铺", "Shop", "identity"),
    field("order_no", "text", "订单号", "Order number", "identity"),
    field("stage", "enum", "状态", "Stage", "identity", { values: STAGES }),
    field("platform_status", "text", "平台状态原文", "Platform status text", "identity"),
    field("platform_hold", "enum", "平台限制", "Platform hold", "identity", {
      values: row("none:无:None,locked:锁定:Locked,paused:暂停:Paused"),
    }),
    field("vip", "bool", "VIP客户", "VIP customer", "buyer"),
    field("returns_30d", "int", "近30天退货", "Returns in 30 days", "buyer"),
    field("receiver_name", "text", "收货人", "Receiver", "receiver", { pii: "name" }),
    field("receiver_phone", "text", "收货电话", "Receiver phone", "receiver", { pii: "phone" }),
    field("province", "enum", "省份", "Province", "receiver", { values: PROVINCES }),
    field("city", "text", "城市", "City", "receiver"),
    field("address", "text", "详细地址", "Detailed address", "receiver", { pii: "address" }),
    field("goods_amount", "money", "商品金额", "Goods amount", "money"),
    field("freight", "money", "运费", "Freight", "money"),
    field("discount", "money", "优惠金额", "Discount", "money"),
    field("paid_amount", "money", "实付金额", "Paid amount", "money"),
    field("pay_method", "enum", "支付方式", "Pay method", "payment", {
      values: row(
        "alipay:支付宝:Alipay,wechat:微信支付:WeChat Pay,jd_pay:京东在线支付:JD online payment,cod:货到付款:Cash on delivery",
      ),
    }),
    field("created_at", "time", "下单时间", "Created at", "times"),
    field("paid_at", "time", "付款时间", "Paid at", "times"),
    field("ship_by", "time", "承诺发货时间", "Ship by", "times"),
    field("buyer_message", "text", "买家留言", "Buyer message", "notes"),
    field("seller_memo", "text", "商家备注", "Seller memo", "notes"),
    field("address_quality", "enum", "地址质量", "Address quality", "features", {
      values: row("complete:完整:Complete,masked:已脱敏:Masked,incomplete:不完整:Incomplete"),
    }),
    field("address_gaps", "enum_list", "地址缺项", "Address gaps", "features", {
      values: row("detail_short:详细地址过短:Detailed address too short,house_number:缺门牌:No house number"),
    }),
    field("same_receiver_count", "int", "同收货人订单数", "Orders to this receiver", "features"),
    ...(
      [
        ["title", "text", "商品名称", "Title"],
        ["sku_code", "text", "商家编码", "Merchant SKU code"],
        ["quantity", "int", "数量", "Quantity"],
        ["unit_price", "money", "单价", "Unit price"],
        ["line_paid_amount", "money", "明细实付", "Line paid amount"],
        ["gift", "bool", "赠品", "Gift"],
      ] as const
    ).map(([id, type, zh, en]) => field(id, type, zh, en, "line", { scope: "line" })),
    field("line_refund_state", "enum", "明细退款状态", "Line refund state", "line", {
      scope: "line",
      values: row("none:无退款:None,requested:申请退款:Requested"),
    }),
  ],
  verdicts: row("none:不审:None,release:放行:Release,review:人工审核:Review,exception:异常:Exception"),
  tiers: row("urgent:紧急单:Urgent,regular:常规单:Regular,exception:异常单:Exception"),
  roles: row(
    "supervisor:主管:Supervisor,agent:一线客服:Agent,risk:风控专员:Risk specialist,finance:财务:Finance,warehouse:仓库:Warehouse,admin:管理员:Administrator",
  ),
  reasons: [
    ...row("amount_region:小额大陆:Small amount in mainland").map((r) => ({ ...r, kind: "check" })),
    ...row("payment:免财务核验:Paid without doubt,trust:可信用户:Trusted buyer").map((r) => ({
      ...r,
      kind: "check",
    })),
    ...row(
      "amount_abnormal:金额异常:Abnormal amount,address_unclear:地址不清:Unclear address,payment_failed:付款失败:Payment failed",
    ).map((r) => ({ ...r, kind: "exception" })),
    ...row(
      "platform_hold:平台限制:Platform hold,refund_open:退款中:Refund open,address_change:改地址:Address change,field_missing:字段缺失:Field missing",
    ).map((r) => ({ ...r, kind: "hold" })),
  ],
  shops: [
    { id: 1, name: "晴好家电旗舰店", channel: "taobao" },
    { id: 2, name: "晴好家电京东自营", channel: "jd" },
    { id: 3, name: "晴好家电拼多多店", channel: "pdd" },
    { id: 4, name: "晴好家电抖音店", channel: "douyin" },
  ],
};

const SHOPS = Object.fromEntries(catalogue.shops.map((shop) => [shop.channel, shop.name]));
const GOODS = [
  "空气炸锅 5L 大容量可视窗 奶油白",
  "恒温电热水壶 1.7L 316不锈钢",
  "除螨仪 家用床上紫外线",
  "滚筒洗衣机 10公斤 变频静音 一级能效",
  "扫地机器人 自动集尘 激光导航",
  "养生壶 玻璃加厚 1.5L；马克杯 ×2",
  "挂烫机 手持便携",
];
const NOTES = [
  "",
  "",
  "",
  "",
  "尽快发，周末要用",
  "改地址到公司，谢谢",
  "麻烦发顺丰",
  "再不发货就投诉12315",
  "送货前打电话",
];
const MEMOS = ["", "", "", "", "加急 催发", "等买家确认型号", "已核实地址 林静", "VIP 老客户"];
const CITIES: Record<string, string> = {
  广东: "深圳市",
  浙江: "杭州市",
  江苏: "苏州市",
  山东: "青岛市",
  四川: "成都市",
};
const WEIGHT = ["广东", "广东", "浙江", "浙江", "江苏", "山东", "四川", "河南", "湖北"];

const iso = (ms: number) => new Date(ms).toISOString();
const HOUR = 3_600_000;

function makeOrder(id: number): OrderRow {
  const channel = pick(["taobao", "taobao", "jd", "jd", "pdd", "douyin"]);
  const stage = pick([
    "in_review",
    "in_review",
    "exception",
    "held",
    "released",
    "released",
    "released",
    "shipped",
    "sent",
    "cancelled",
  ]);
  const waits = ["in_review", "exception", "held"].includes(stage);
  const province = random() < 0.02 ? null : random() < 0.5 ? pick(WEIGHT) : pick(PROVINCES).id;
  const created = Date.now() - (2 + random() * 90) * HOUR;
  const due = Date.now() + (random() * 60 - 14) * HOUR;
  const reasons =
    stage === "in_review"
      ? pick([["amount_region"], ["trust"], ["amount_region", "trust"], ["payment"]])
      : stage === "exception"
        ? pick([["address_unclear"], ["amount_abnormal", "amount_region"], ["payment_failed", "payment"]])
        : stage === "held"
          ? pick([["address_change"], ["platform_hold", "amount_region", "trust"], ["refund_open"]])
          : [];
  const tier = stage === "exception" ? "exception" : random() < 0.15 ? "urgent" : "regular";
  const digits = String(10 ** 11 + Math.floor(random() * 9 * 10 ** 11));
  return {
    id,
    version: 1,
    channel,
    shop: SHOPS[channel] ?? "",
    order_no: channel === "pdd" ? `261111-${digits}${id}` : `2026${digits}${String(id).padStart(4, "0")}`,
    stage,
    verdict:
      stage === "in_review" ? "review" : waits ? "exception" : stage === "cancelled" ? "none" : "release",
    tier: stage === "cancelled" ? null : tier,
    reasons,
    owner_role: waits ? ({ urgent: "supervisor", regular: "agent", exception: "risk" }[tier] ?? null) : null,
    paid_amount: stage === "exception" && random() < 0.3 ? 899900 : Math.floor(random() * 120000) + 990,
    province,
    city: province ? (CITIES[province] ?? `${province}市`) : null,
    receiver_name: `${pick(["王", "李", "陈", "欧阳", "张"])}**`,
    goods_title: pick(GOODS),
    buyer_message: pick(NOTES),
    seller_memo: pick(MEMOS),
    created_at: iso(created),
    paid_at: iso(created + 60_000),
    ship_by: iso(created + 48 * HOUR),
    respond_by: tier === "urgent" ? iso(due) : null,
    resolve_by: iso(due + 8 * HOUR),
    due_at: waits ? iso(due) : null,
    overdue: waits && due < Date.now(),
    late: (waits || stage === "released" || stage === "sent") && created + 48 * HOUR < Date.now(),
    platform_status: pick(["买家已付款，等待卖家发货", "等待出库", "待发货"]),
  };
}

export const orders: OrderRow[] = Array.from({ length: 312 }, (_, index) => makeOrder(index + 1));

export const policy: Policy = {
  id: "starter",
  title: { zh: "起步策略", en: "Starter policy" },
  hash: "9f3c71d2ab0e4c5588d1f7c2a6b90e13c47a52de10b6a3f4e8c9d2b7a1f05e66",
  live_since: iso(Date.now() - 30 * HOUR),
  scope: { zh: "全部店铺", en: "All shops" },
  rules: [
    [
      "amount_region",
      "check",
      "小额大陆",
      "Small amount in mainland",
      "实付金额 ≤ 500元 且 收货国家 = 中国大陆",
      "Paid amount ≤ 500 yuan and country = mainland China",
    ],
    [
      "payment",
      "check",
      "免财务核验",
      "Paid without doubt",
      "支付方式 属于 {微信支付、支付宝、抖音支付、京东在线支付、平台收银台} 且 支付状态 = 已支付",
      "Pay method in {WeChat Pay, Alipay, Douyin Pay, JD online payment, platform cashier} and pay status = paid",
    ],
    ["trust", "check", "可信用户", "Trusted buyer", "近30天退货 = 0", "Returns in 30 days = 0"],
    [
      "amount_abnormal",
      "exception",
      "金额异常",
      "Abnormal amount",
      "实付金额 > 5000元 或 实付金额 < 1元",
      "Paid amount > 5000 yuan or paid amount < 1 yuan",
    ],
    [
      "address_unclear",
      "exception",
      "地址不清",
      "Unclear address",
      "省份 为空 或 城市 为空 或 (收货信息脱敏 = 否 且 详细地址 太短或没有门牌)",
      "Province is empty or city is empty or (receiver not masked and the detailed address is too short or has no house number)",
    ],
    [
      "payment_failed",
      "exception",
      "付款失败",
      "Payment failed",
      "平台状态 = 待发货 且 支付方式 ≠ 货到付款 且 支付状态 ≠ 已支付",
      "Platform state = waiting to ship and pay method ≠ cash on delivery and pay status ≠ paid",
    ],
    ["platform_hold", "hold", "平台限制", "Platform hold", "平台限制 ≠ 无", "Platform hold ≠ none"],
    [
      "refund_open",
      "hold",
      "退款中",
      "Refund open",
      "退款状态 属于 {申请退款、退款中}",
      "Refund state in {requested, in progress}",
    ],
    [
      "address_change",
      "hold",
      "改地址",
      "Address change",
      "买家留言 含 @改址词 或 商家备注 含 @改址词 或 平台改址未确认",
      "Buyer message contains @address_change or seller memo contains @address_change or address change unconfirmed",
    ],
  ].map(([id, kind, zh, en, textZh, textEn]) => ({
    id: id as string,
    kind: kind as string,
    title: { zh: zh as string, en: en as string },
    text: { zh: textZh as string, en: textEn as string },
  })),
  tiers: [
    {
      id: "urgent",
      title: { zh: "紧急单", en: "Urgent" },
      text: { zh: "VIP客户 或 加急标记 或 投诉预警", en: "VIP customer or expedited or complaint warning" },
      owner: "supervisor",
      respond: { zh: "2小时内", en: "within 2 h" },
      resolve: null,
    },
    {
      id: "exception",
      title: { zh: "异常单", en: "Exception" },
      text: { zh: "任何异常成立", en: "Any exception holds" },
      owner: "risk",
      respond: null,
      resolve: { zh: "当日查明原因", en: "cause pinned the same day" },
    },
    {
      id: "regular",
      title: { zh: "常规单", en: "Regular" },
      text: { zh: "其余订单", en: "Everything else" },
      owner: "agent",
      respond: null,
      resolve: { zh: "24小时内办结", en: "within 24 h" },
    },
  ],
  words: [
    { name: "改址词", items: ["改地址", "换地址", "地址错", "改收货"] },
    { name: "加急词", items: ["加急", "催发", "急用", "尽快发"] },
    { name: "投诉词", items: ["投诉", "差评", "12315", "举报"] },
  ],
};

const LEAF: Record<string, [zh: string, en: string, actual: string][]> = {
  amount_region: [["实付金额 ≤ 500元", "Paid amount ≤ 500 yuan", "612.00元"]],
  trust: [["近30天退货 = 0", "Returns in 30 days = 0", "2"]],
  payment: [["支付方式 属于 {微信支付、支付宝…}", "Pay method in {WeChat Pay, Alipay…}", "货到付款"]],
  address_unclear: [["详细地址 至少 5 个字", "Detailed address has at least 5 characters", "3 个字"]],
  amount_abnormal: [["实付金额 > 5000元", "Paid amount > 5000 yuan", "8999.00元"]],
  payment_failed: [["支付状态 ≠ 已支付", "Pay status ≠ paid", "未支付"]],
  address_change: [["买家留言 含 @改址词", "Buyer message contains @address_change", "改地址到公司，谢谢"]],
  platform_hold: [["平台限制 ≠ 无", "Platform hold ≠ none", "锁定"]],
  refund_open: [["退款状态 属于 {申请退款、退款中}", "Refund state in {requested, in progress}", "申请退款"]],
};

export function detail(order: OrderRow, language: "zh" | "en", events: OrderEvent[]): OrderDetail {
  return {
    order: {
      ...(order as unknown as OrderDetail["order"]),
      platform_hold: order.reasons.includes("platform_hold") ? "locked" : "none",
      vip: order.seller_memo.includes("VIP"),
      returns_30d: order.reasons.includes("trust") ? 2 : 0,
      receiver_phone: "138****0000",
      address: "***路**号",
      goods_amount: (order.paid_amount ?? 0) + 2000,
      freight: 0,
      discount: 2000,
      pay_method: order.reasons.includes("payment") ? "cod" : "alipay",
      address_quality: "complete",
      address_gaps: [],
      same_receiver_count: 1,
    },
    lines: [
      {
        line_no: "1",
        sku_code: "QH-AF5-W",
        title: order.goods_title,
        spec: "奶油白 5L",
        quantity: 1,
        unit_price: (order.paid_amount ?? 0) + 2000,
        line_paid_amount: order.paid_amount,
        line_refund_state: "none",
        gift: false,
      },
      {
        line_no: "2",
        sku_code: "GIFT-01",
        title: "隔热手套",
        spec: "",
        quantity: 1,
        unit_price: 0,
        line_paid_amount: 0,
        line_refund_state: "none",
        gift: true,
      },
    ],
    decision: {
      verdict: order.verdict,
      tier: order.tier,
      tier_tentative: order.id === 3,
      reasons: order.reasons,
      owner_role: order.owner_role,
      respond_by: order.respond_by,
      resolve_by: order.resolve_by,
      ship_by: order.ship_by,
      policy_hash: policy.hash,
      reviewed_at: order.created_at,
      decided_by: { kind: "policy", name: null },
    },
    explanation: {
      policy: { id: policy.id, title: policy.title, hash: policy.hash },
      rules: policy.rules.map((rule) => {
        const hit = order.reasons.includes(rule.id);
        return {
          id: rule.id,
          kind: rule.kind,
          title: rule.title,
          result: (rule.kind === "check") !== hit ? "true" : "false",
          snoozed: null,
          because: (LEAF[rule.id] ?? []).map(([zh, en, actual]) => ({
            text: language === "zh" ? zh : en,
            actual: hit ? actual : "—",
            result: hit ? "true" : "false",
          })),
        };
      }),
      tier: { id: order.tier ?? "regular", title: { zh: "常规单", en: "Regular" }, row: 3 },
    },
    events: [
      {
        id: "1",
        at: order.created_at ?? "",
        kind: "imported",
        actor: { kind: "user", name: "林静" },
        from_stage: null,
        to_stage: "in_review",
        reason: null,
        changes: [],
        alerts: [],
        policy_hash: null,
      },
      {
        id: "2",
        at: order.paid_at ?? "",
        kind: "reviewed",
        actor: { kind: "policy", name: null },
        from_stage: "in_review",
        to_stage: order.stage,
        reason: null,
        changes: [{ field: "seller_memo", before: "", after: "加急 催发" }],
        alerts: [],
        policy_hash: policy.hash,
      },
      ...events,
    ],
  };
}
