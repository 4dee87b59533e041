import { call } from "../../api/http";
import type { components } from "../../api/schema";

type Served = components["schemas"];
type Signal = AbortSignal | undefined;
type Page<Row> = { rows: Row[]; total: number };

export type Incident = Served["IncidentOut"];
export type Feed = Served["FeedOut"];
export type Difference = Served["DifferenceOut"];
export type Reconciliation = Served["ReconciliationOut"];

/** Rows on a page of each list. */
export const SIZE = 20;

const at = (incident: number, verb: string) => `/api/incidents/${incident}/${verb}`;

export const oversight = {
  incidents: (page: number, signal?: Signal) =>
    call<Page<Incident>>("GET", "/api/incidents", {
      query: new URLSearchParams({ page: String(page), size: String(SIZE) }),
      signal,
    }),
  take: (incident: number) => call<Incident>("POST", at(incident, "take")),
  close: (incident: number, note: string) =>
    call<Incident>("POST", at(incident, "close"), { body: { note } }),
  ask: (incident: number) => call<{ orders: number }>("POST", at(incident, "ask")),
  elsewhere: (incident: number, destination: number) =>
    call<{ orders: number }>("POST", at(incident, "elsewhere"), { body: { destination } }),
  feeds: (signal?: Signal) => call<Feed[]>("GET", "/api/feeds", { signal }),
  differences: (state: string, page: number, signal?: Signal) =>
    call<Page<Difference>>("GET", "/api/differences", {
      query: new URLSearchParams({ state, page: String(page), size: String(SIZE) }),
      signal,
    }),
  settle: (ids: readonly number[], reason: string) =>
    call<Difference[]>("POST", "/api/differences/settle", { body: { ids, reason } }),
  reconciliations: (signal?: Signal) => call<Reconciliation[]>("GET", "/api/reconciliations", { signal }),
  reconcile: () => call<void>("POST", "/api/reconciliations"),
};
