import { call } from "../../api/http";
import type { components } from "../../api/schema";

type Served = components["schemas"];
type Signal = AbortSignal | undefined;

export type DeskRow = Served["DeskRowOut"];
export type Queues = Served["QueuesOut"];
export type QueueName = Served["ClaimIn"]["queue"];
export type VerdictBody = Served["VerdictIn"];
export type VerdictName = VerdictBody["verdict"];
export type HoldName = NonNullable<VerdictBody["hold"]>;
export type Ruled = Served["RuledOut"];
export type Leases = Served["LeasesOut"];
export type SkipCode = Served["SkipIn"]["code"];
export type Candidates = Served["CandidatesOut"];
export type Bulk = Served["BulkOut"];
export type BulkBody = Served["BulkIn"];
export type DryRun = Served["BulkTrialOut"];

export const desk = {
  queues: (signal?: Signal) => call<Queues>("GET", "/api/desk/queues", { signal }),
  orders: (query: URLSearchParams, signal?: Signal) =>
    call<Served["DeskPageOut"]>("GET", "/api/desk/orders", { query, signal }),
  leases: (signal?: Signal) => call<Leases>("GET", "/api/desk/leases", { signal }),
  claim: (queue: QueueName) => call<Leases>("POST", "/api/desk/claim", { body: { queue } }),
  renew: (leases: Served["HeldIn"][]) =>
    call<Served["RenewedOut"]>("POST", "/api/desk/leases/renew", { body: { leases } }),
  giveBack: (orders: number[]) =>
    call<Served["ReturnedOut"]>("POST", "/api/desk/leases/return", { body: { orders } }),
  take: (order: number, override = false) =>
    call<DeskRow>("POST", `/api/desk/orders/${order}/take`, { body: { override } }),
  skip: (order: number, code: SkipCode, note: string) =>
    call<void>("POST", `/api/desk/orders/${order}/skip`, { body: { code, note } }),
  rule: (order: number, body: VerdictBody) =>
    call<Ruled>("POST", `/api/desk/orders/${order}/verdict`, { body }),
  undo: (order: number, version: number) =>
    call<Ruled>("POST", `/api/desk/orders/${order}/undo`, { body: { version } }),
  snooze: (order: number, until: string, note: string) =>
    call<DeskRow>("POST", `/api/desk/orders/${order}/snooze`, { body: { until, note } }),
  keep: (order: number, version: number) =>
    call<DeskRow>("POST", `/api/desk/orders/${order}/keep`, { body: { version } }),
  merge: (order: number, signal?: Signal) =>
    call<Candidates>("GET", `/api/desk/orders/${order}/merge`, { signal }),
  tryBulk: (body: BulkBody) => call<DryRun>("POST", "/api/desk/bulk/dry-run", { body }),
  bulk: (body: BulkBody) => call<Bulk>("POST", "/api/desk/bulk", { body }),
  bulks: (signal?: Signal) => call<Bulk[]>("GET", "/api/desk/bulk", { signal }),
  stopBulk: (id: number) => call<Bulk>("POST", `/api/desk/bulk/${id}/cancel`),
  resumeBulk: (id: number) => call<Bulk>("POST", `/api/desk/bulk/${id}/resume`),
};
