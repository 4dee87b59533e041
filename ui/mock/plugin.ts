/** A stand-in for the server, only under `vite` with QINGDAN_MOCK=1: enough to look at every page. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Connect, Plugin } from "vite";
import type {
  Board,
  Forecast,
  ImportJob,
  OrderEvent,
  OrderRow,
  Pulse,
  SavedView,
  Session,
  Tally,
} from "../src/api/types";
import { MULTI } from "../src/features/orders/query.ts";
import { catalogue, detail, orders, policy } from "./data.ts";

const BACKLOG = new Set(["in_review", "exception", "held"]);
const state = {
  views: [
    {
      id: 1,
      name: "广东超时",
      query: "province=广东&overdue=1",
      shared: true,
      owner: { id: 2, name: "何谨" },
      mine: false,
    },
  ] as SavedView[],
  jobs: [] as (ImportJob & { started: number })[],
  events: new Map<string, OrderEvent[]>(),
};

function session(user: string | null): Session {
  const roles = catalogue.roles.map((role) => ({
    login: role.id,
    password: "qingdan-demo",
    name: role.zh.slice(0, 2),
    role: role.id,
  }));
  const me = roles.find((one) => one.login === user);
  return {
    user: me
      ? {
          id: 1,
          name: "林静",
          login: me.login,
          roles: [me.role],
          merchant: { id: 1, name: "晴好家电演示店" },
        }
      : null,
    rights: me
      ? user === "warehouse"
        ? ["orders.view", "orders.export", "imports.view", "policies.view", "board.view"]
        : [
            "orders.view",
            "orders.decide",
            "orders.unmask",
            "orders.export",
            "imports.view",
            "imports.create",
            "policies.view",
            "board.view",
            "diagnosis.view",
            "views.share",
          ]
      : [],
    zone: "Asia/Shanghai",
    demo_logins: roles,
    languages: ["zh", "en"],
  };
}

function match(order: OrderRow, query: URLSearchParams): boolean {
  const shop = catalogue.shops.find((one) => one.name === order.shop);
  const values: Record<string, readonly string[]> = {
    ...(order as unknown as Record<string, string[]>),
    reason: order.reasons,
    shop: [String(shop?.id)],
  };
  for (const name of MULTI) {
    const wanted = query.getAll(name);
    const has = [values[name] ?? "none"].flat();
    if (wanted.length > 0 && !wanted.some((one) => has.includes(one))) return false;
  }
  if (query.get("overdue") === "1" && !order.overdue) return false;
  if (query.get("late") === "1" && !order.late) return false;
  const within = Number(query.get("due_within"));
  if (within) {
    const left = order.due_at ? new Date(order.due_at).getTime() - Date.now() : -1;
    if (left < 0 || left > within * 3_600_000) return false;
  }
  const q = query.get("q");
  if (q && !`${order.order_no}${order.goods_title}`.includes(q)) return false;
  const paid = order.paid_amount ?? 0;
  if (query.get("amount_min") && paid < Number(query.get("amount_min")) * 100) return false;
  return !(query.get("amount_max") && paid > Number(query.get("amount_max")) * 100);
}

function page(query: URLSearchParams) {
  const sort = query.get("sort") ?? "-created_at";
  const key = sort.replace("-", "") as keyof OrderRow;
  const rows = orders
    .filter((order) => match(order, query))
    .sort((a, b) => String(a[key] ?? "").localeCompare(String(b[key] ?? ""), "en", { numeric: true }));
  if (sort.startsWith("-")) rows.reverse();
  const number = Number(query.get("page") ?? 1);
  const size = Number(query.get("size") ?? 50);
  return { rows: rows.slice((number - 1) * size, number * size), total: rows.length, page: number, size };
}

function tally(rows: readonly OrderRow[], of: (order: OrderRow) => readonly (string | null)[]): Tally[] {
  const counts = new Map<string | null, number>();
  for (const order of rows) for (const id of of(order)) counts.set(id, (counts.get(id) ?? 0) + 1);
  return [...counts].map(([id, count]) => ({ id, count }));
}

const hoursAgo = (hours: number) => new Date(Date.now() - hours * 3_600_000).toISOString();
const dayFrom = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);

/** What the board works out once a minute. */
function pulse(): Pulse {
  return {
    at: new Date().toISOString(),
    risk: {
      now_fen: 184_200,
      now_orders: 412,
      day_fen: 96_300,
      day_orders: 238,
      by_channel: [
        { channel: "pdd", now_fen: 98_100, day_fen: 151_200, orders: 330 },
        { channel: "douyin", now_fen: 61_500, day_fen: 91_800, orders: 212 },
        { channel: "jd", now_fen: 24_600, day_fen: 37_500, orders: 108 },
      ],
    },
    steps: [
      { step: "unclaimed", count: 1204, oldest: hoursAgo(61) },
      { step: "assigned", count: 318, oldest: hoursAgo(27) },
      { step: "in_hand", count: 42, oldest: hoursAgo(5) },
      { step: "parked", count: 167, oldest: hoursAgo(90) },
      { step: "released", count: 86, oldest: hoursAgo(2) },
      { step: "sent", count: 953, oldest: hoursAgo(20) },
    ],
    ranking: true,
    people: [
      { id: 1, name: "何谨", orders: 212, back: 3, points: 288.4 },
      { id: 2, name: "林静", orders: 241, back: 9, points: 251.2 },
      { id: 3, name: "周远", orders: 164, back: 0, points: 203.9 },
      { id: 4, name: "孙晓", orders: 98, back: 1, points: 120.5 },
    ],
  };
}

function forecast(): Forecast {
  const middle = (step: number) => Math.max(0, 1731 - 262 * (step + 1));
  return {
    day: dayFrom(0),
    backlog: 1731,
    days_known: 34,
    days_needed: 10,
    points: Array.from({ length: 21 }, (_, step) => ({
      day: dayFrom(step),
      low: Math.max(0, middle(step) - 90 * (step + 1)),
      middle: middle(step),
      high: middle(step) + 70 * (step + 1) ** 0.9,
    })).map((one) => ({ ...one, high: Math.round(one.high) })),
    past: [2210, 2304, 2411, 2260, 2104, 1987, 1866, 1731].map((backlog, index) => ({
      day: dayFrom(index - 7),
      backlog,
    })),
    p50: dayFrom(6),
    p80: dayFrom(8),
    horizon: 21,
    inside: 25,
    scored: 30,
  };
}

/** What the diagnosis of the last days says. */
function diagnosis(days: number) {
  const say = (zh: string, en: string) => ({ zh, en });
  return {
    days,
    state: "done",
    asked_at: hoursAgo(1),
    made_at: hoursAgo(1),
    millis: 2100,
    body: {
      since: hoursAgo(24 * days),
      until: hoursAgo(0),
      before: hoursAgo(48 * days),
      orders: 8421,
      orders_before: 7903,
      every: 1,
      trigger_hours: 612.5,
      causes: [
        {
          cause: "system_gap",
          title: say("系统断层", "System gap"),
          orders: 1208,
          hours: 7420,
          fen: 151_200,
        },
        {
          cause: "missing_owner",
          title: say("角色缺位", "Missing owner"),
          orders: 402,
          hours: 2310,
          fen: 64_800,
        },
        {
          cause: "fuzzy_rules",
          title: say("规则模糊", "Fuzzy rules"),
          orders: 331,
          hours: 1180,
          fen: 22_500,
        },
      ],
      findings: [
        {
          cause: "system_gap",
          sign: "late_arrival",
          dimension: "channel",
          value: "jd",
          orders: 1208,
          hours: 7420,
          fen: 151_200,
          text: say(
            "京东到达太晚：付款后平均 6.4 小时才进来（其他 0.3 小时），1,208 单共晚 7,420 小时",
            "JD arrive late: 6.4 hours after payment on average (others 0.3); 1,208 orders, 7,420 hours in all",
          ),
          advice: say(
            "检查接口或导出频率；能直连的改为直连。",
            "Check the interface or how often it is exported; join it directly.",
          ),
        },
        {
          cause: "missing_owner",
          sign: "untouched",
          dimension: "owner",
          value: "孙晓",
          orders: 402,
          hours: 2310,
          fen: 64_800,
          text: say(
            "“孙晓”名下的订单平均等 7.9 小时才有人处理（其他 1.2 小时），最长 31 小时一单未动；402 单多等 2,310 小时",
            "Orders of “孙晓” wait 7.9 hours until first touched (others 1.2), with none touched for up to 31 hours",
          ),
          advice: say(
            "确认是否请假；打开超时自动收回。",
            "Check whether the person is away; let untouched work return by itself.",
          ),
        },
        {
          cause: "fuzzy_rules",
          sign: "unclear",
          dimension: "reasons",
          value: "note_clear",
          orders: 331,
          hours: 1180,
          fen: 22_500,
          text: say(
            "买家留言有 38% 要问人、改判、无理由挂起或重新打开（其他 4%），331 单停了 1,180 小时",
            "38 % of orders with a buyer's message need a question, an override or are opened again (others 4 %)",
          ),
          advice: say("为这种情况写一条规则或 SOP。", "Write a rule or an SOP for it."),
        },
      ],
      levers: catalogue.reasons.slice(0, 7).map((reason, place) => ({
        reason: reason.id,
        alone: Math.round(412 / (place + 1)),
        orders: Math.round(631 / (place + 0.8)),
        text: say(
          `仅“${reason.zh}”一项就压着 ${Math.round(412 / (place + 1))} 单`,
          `Check “${reason.en}” alone holds ${Math.round(412 / (place + 1))} orders`,
        ),
      })),
      parts: [
        { part: "lag", title: say("付款到进单", "Payment to arrival"), before: 0.4, after: 1.3, sure: true },
        {
          part: "queue",
          title: say("等待处理", "Waiting to be touched"),
          before: 2.9,
          after: 2.1,
          sure: true,
        },
        {
          part: "trigger",
          title: say("放行到推送", "Release to push"),
          before: 0.1,
          after: 0.1,
          sure: false,
        },
      ],
    },
  };
}

/** The day's report, of the same figures. */
function report() {
  const now = board();
  const told = diagnosis(7).body;
  return {
    ...{ days: [dayFrom(0), dayFrom(-1)], day: dayFrom(0), made_at: now.as_of, came: 1655, went: 1502 },
    ...{ backlog: now.backlog, overdue: now.overdue.count, late: now.late, release_rate: now.release_rate },
    ...{ hours: now.flow, by_stage: now.by_stage, by_channel: now.by_channel, risk: now.pulse?.risk ?? null },
    ...{
      steps: now.pulse?.steps,
      people: now.pulse?.people,
      causes: told.causes,
      levers: told.levers.slice(0, 5),
    },
    ...{ p50: now.forecast?.p50, p80: now.forecast?.p80 },
  };
}

function board(): Board {
  const backlog = orders.filter((order) => BACKLOG.has(order.stage));
  const late = backlog
    .filter((order) => order.overdue)
    .sort((a, b) => (a.due_at ?? "").localeCompare(b.due_at ?? ""));
  const due = (hours: number) =>
    orders.filter((order) => match(order, new URLSearchParams({ due_within: String(hours) }))).length;
  return {
    as_of: new Date().toISOString(),
    total: orders.length,
    backlog: backlog.length,
    release_rate: 0.4321,
    by_stage: tally(orders, (order) => [order.stage]),
    by_channel: tally(backlog, (order) => [order.channel]),
    by_province: tally(backlog, (order) => [order.province]),
    by_tier: tally(backlog, (order) => [order.tier]),
    by_reason: tally(backlog, (order) => order.reasons),
    by_shop: tally(backlog, (order) => [String(catalogue.shops.find((one) => one.name === order.shop)?.id)]),
    overdue: { count: late.length, rows: late.slice(0, 20) },
    due: { h2: due(2), h12: due(12), h24: due(24) },
    late: orders.filter((order) => order.late).length,
    flow: Array.from({ length: 24 }, (_, hour) => ({
      at: new Date(Date.now() - (23 - hour) * 3_600_000).toISOString(),
      came: 40 + ((hour * 37) % 60),
      went: 30 + ((hour * 53) % 70),
    })),
    pulse: pulse(),
    forecast: forecast(),
  };
}

function job(started: number, id: number, names: string[]): ImportJob & { started: number } {
  const age = Date.now() - started;
  const done = age > 2500;
  const progress = Math.min(1, age / 2500);
  return {
    started,
    id,
    created_at: new Date(started).toISOString(),
    by: { name: "林静" },
    shop: null,
    state: done ? "done" : age > 1200 ? "storing" : "reading",
    progress,
    files: names.map((name, index) => ({
      name,
      size: 182_400 * (index + 1),
      sha256: `${id}${index}`,
      channel: ["taobao", "jd", "pdd"][index % 3] ?? null,
      kind: "order",
      rows: done ? 812 : 0,
      orders: done ? 804 : 0,
      refused: done && index === 1 ? 6 : 0,
      state: done ? "done" : "reading",
      mappable: false,
      error:
        names.length > 1 && index === 2
          ? {
              code: "file.unknown",
              zh: "没有认出这是哪个平台的订单表。",
              en: "This is no order list we know.",
              advice_zh: "请直接从平台后台导出，不要改表头。",
              advice_en: "Export it from the platform again and leave the headers alone.",
            }
          : null,
    })),
    rows: done ? 1624 : 0,
    orders: done ? 1608 : 0,
    new: done ? 1608 : 0,
    changed: 0,
    unchanged: 0,
    refused: done ? 6 : 0,
    undone: null,
    undoing: null,
    seconds: done ? 2.5 : null,
    error: null,
    notices: done
      ? [
          {
            zh: "收货信息已被平台脱敏，地址检查按脱敏处理。",
            en: "Receivers are masked by the platform; address checks take that into account.",
            file: names[0] ?? null,
          },
        ]
      : [],
    totals: done
      ? {
          verdict: { release: 902, review: 455, exception: 251 },
          tier: { urgent: 120, regular: 1290, exception: 198 },
          reason: { amount_region: 420, trust: 88, address_unclear: 141 },
          channel: { taobao: 804, jd: 804 },
        }
      : { verdict: {}, tier: {}, reason: {}, channel: {} },
  };
}

const refuse = (code: string, zh: string, en: string, details = {}) => ({
  error: { code, zh, en, advice_zh: "请重试。", advice_en: "Try again.", details },
});

async function bodyOf(req: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

type Answer = [status: number, body: unknown, cookie?: string];

async function decide(
  order: OrderRow,
  body: { action: string; version: number; reason: string },
): Promise<Answer> {
  if (body.reason.includes("409") || body.version !== order.version) {
    return [
      409,
      refuse("conflict", "订单已变。", "The order changed.", {
        order: { ...order, stage: "released", seller_memo: "已放行", version: 9 },
      }),
    ];
  }
  const to =
    { release: "released", hold: "held", exception: "exception", review: "in_review" }[body.action] ??
    order.stage;
  const event = {
    id: String(Date.now()),
    at: new Date().toISOString(),
    kind: "decided",
    actor: { kind: "user", name: "林静" },
    from_stage: order.stage,
    to_stage: to,
    reason: body.reason,
    changes: [],
    alerts: [],
    policy_hash: null,
  };
  state.events.set(String(order.id), [...(state.events.get(String(order.id)) ?? []), event]);
  Object.assign(order, { stage: to, version: order.version + 1 });
  return [200, order];
}

async function answer(req: IncomingMessage, url: URL): Promise<Answer> {
  const user = /mock_user=(\w+)/.exec(req.headers.cookie ?? "")?.[1] ?? null;
  const path = url.pathname;
  const key = `${req.method} ${path}`;
  const raw = req.method === "POST" ? await bodyOf(req) : Buffer.from("");
  const json = () => JSON.parse(raw.toString("utf8") || "{}");
  const language = req.headers["accept-language"]?.startsWith("en") ? "en" : "zh";
  if (key === "POST /api/session") {
    const { login, password } = json();
    if (password !== "qingdan-demo")
      return [401, refuse("bad_login", "账号或密码不对。", "Login or password is wrong.")];
    return [200, session(login), `mock_user=${login}; Path=/`];
  }
  if (key === "DELETE /api/session") return [200, session(null), "mock_user=; Path=/; Max-Age=0"];
  if (path === "/api/session") return [200, session(user)];
  if (user === null) return [401, refuse("login_needed", "请先登录。", "Log in first.")];
  if (path === "/api/catalogue") return [200, catalogue];
  if (path === "/api/board") return [200, board()];
  if (path === "/api/board/diagnosis") return [200, diagnosis(Number(url.searchParams.get("days") ?? 7))];
  if (path === "/api/board/report") return [200, report()];
  if (path === "/api/policies/live") return [200, policy];
  if (path === "/api/orders/export") return [200, page(new URLSearchParams()).rows];
  if (path === "/api/orders") return [200, page(url.searchParams)];
  if (key === "POST /api/views")
    state.views.push({ ...json(), id: Date.now(), owner: { id: 1, name: "林静" }, mine: true });
  if (path === "/api/views") return [200, req.method === "POST" ? state.views.at(-1) : state.views];
  if (key.startsWith("DELETE /api/views/")) {
    state.views = state.views.filter((view) => String(view.id) !== path.split("/").pop());
    return [204, null];
  }
  if (key === "POST /api/imports") {
    const names = [...raw.toString("utf8").matchAll(/filename="([^"]+)"/g)].map(
      (found) => found[1] as string,
    );
    state.jobs.unshift(job(Date.now(), state.jobs.length + 1, names));
  }
  const jobs = state.jobs.map((one) =>
    job(
      one.started,
      Number(one.id),
      one.files.map((file) => file.name),
    ),
  );
  if (path === "/api/imports")
    return [200, req.method === "POST" ? jobs[0] : { rows: jobs, total: jobs.length }];
  const single = /^\/api\/imports\/(\d+)$/.exec(path);
  if (single) return [200, jobs.find((one) => String(one.id) === single[1])];
  const found = /^\/api\/orders\/(\d+)(\/\w+)?$/.exec(path);
  const order = orders.find((one) => String(one.id) === found?.[1]);
  if (order && !found?.[2]) return [200, detail(order, language, state.events.get(String(order.id)) ?? [])];
  if (order && found?.[2] === "/decide") return decide(order, json());
  if (order && found?.[2] === "/unmask")
    return [
      200,
      {
        receiver_name: "王晓梅",
        receiver_phone: "13800000000",
        address: "测试路1号2栋301室",
        buyer_message: order.buyer_message,
        seller_memo: order.seller_memo,
      },
    ];
  return [404, refuse("not_found", "没有找到。", "Not found.")];
}

export function mockServer(): Plugin {
  const handle: Connect.NextHandleFunction = (req, res: ServerResponse, next) => {
    const url = new URL(req.url ?? "/", "http://mock");
    if (!url.pathname.startsWith("/api/")) return next();
    void answer(req, url).then(([status, body, cookie]) => {
      if (cookie) res.setHeader("set-cookie", cookie);
      res.statusCode = status;
      res.setHeader("content-type", "application/json; charset=utf-8");
      res.end(status === 204 ? undefined : JSON.stringify(body));
    });
  };
  return {
    name: "qingdan-mock",
    apply: (_config, env) => env.command === "serve",
    configureServer: (server) => void server.middlewares.use(handle),
    configurePreviewServer: (server) => void server.middlewares.use(handle),
  };
}
