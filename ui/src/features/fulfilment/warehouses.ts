import { call } from "../../api/http";
import type { components } from "../../api/schema";

type Served = components["schemas"];
type Signal = AbortSignal | undefined;

export type Warehouse = Served["WarehouseOut"];
export type WarehouseIn = Served["WarehouseIn"];
export type Adapter = Served["AdapterOut"];
export type Tried = Served["TriedOut"];
export type Row = Served["RouteRow"];
export type DryRun = Served["DryRunOut"];

export const warehouses = {
  list: (signal?: Signal) => call<Warehouse[]>("GET", "/api/pushes/warehouses", { signal }),
  adapters: (signal?: Signal) => call<Adapter[]>("GET", "/api/pushes/adapters", { signal }),
  save: (body: WarehouseIn) => call<void>("PUT", "/api/pushes/warehouses", { body }),
  test: (id: number) => call<Tried>("POST", `/api/pushes/warehouses/${id}/test`),
  routing: (signal?: Signal) => call<{ rows: Row[] }>("GET", "/api/pushes/routing", { signal }),
  publish: (rows: readonly Row[]) => call<void>("PUT", "/api/pushes/routing", { body: { rows } }),
  dryRun: (rows: readonly Row[]) => call<DryRun>("POST", "/api/pushes/routing/dry-run", { body: { rows } }),
};
