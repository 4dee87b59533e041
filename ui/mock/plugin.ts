/** A stand-in for the server, only under `vite` with QINGDAN_MOCK=1: enough to look at every page. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Connect, Plugin } from "vite";
import type { Board, ImportJob, OrderEvent, OrderRow, SavedView, Session, Tally } from "../src/api/types";
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
