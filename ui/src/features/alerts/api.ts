import { call } from "../../api/http";
import type { components } from "../../api/schema";

type Served = components["schemas"];
type Signal = AbortSignal | undefined;

export type AlertRow = Served["AlertOut"];
export type Alerts = Served["AlertsOut"];
export type Settings = Served["AlertSettingsOut"];
export type Outlet = Served["OutletOut"];
export type OutletIn = Served["OutletIn"];
export type Route = Served["RouteOut"];
export type Step = Served["AlertStepOut"];
export type Reach = Served["ReachOut"];

export const PAGE = 50;
export const STATES = ["open", "acked", "closed"] as const;
export type State = (typeof STATES)[number];
export const OUTLET_KINDS = ["dingtalk", "feishu", "wecom", "mail"] as const;

export const alerts = {
  list: (state: State, kind: string, mine: boolean, page: number, signal?: Signal) => {
    const query = new URLSearchParams({ state, mine: String(mine), page: String(page) });
    if (kind) query.set("kind", kind);
    return call<Alerts>("GET", "/api/alerts", { query, signal });
  },
  ack: (what: { ids?: number[]; kind?: string; all?: boolean }) =>
    call<{ acked: number }>("POST", "/api/alerts/ack", { body: what }),
  settings: (signal?: Signal) => call<Settings>("GET", "/api/alerts/settings", { signal }),
  saveOutlet: (body: OutletIn) => call<Outlet>("PUT", "/api/alerts/outlets", { body }),
  test: (id: number) => call<Served["TestOut"]>("POST", `/api/alerts/outlets/${id}/test`),
  saveRoutes: (routes: Route[]) => call<Route[]>("PUT", "/api/alerts/routes", { body: { routes } }),
  saveReach: (body: Served["ReachIn"]) => call<Reach[]>("PUT", "/api/alerts/reach", { body }),
};
