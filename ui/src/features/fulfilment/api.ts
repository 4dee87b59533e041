import { call } from "../../api/http";
import type { components } from "../../api/schema";

type Served = components["schemas"];
type Signal = AbortSignal | undefined;

export type Overview = Served["PushOverviewOut"];
export type Destination = Served["DestinationOut"];
export type Push = Served["PushOut"];
export type Action = Served["SettleIn"]["action"];
export type Held = Served["HoldAnswerOut"];
export type State = Push["state"];

/** Pushes on a page of the list. */
export const SIZE = 20;

export const pushes = {
  overview: (signal?: Signal) => call<Overview>("GET", "/api/pushes/overview", { signal }),
  list: (query: URLSearchParams, signal?: Signal) =>
    call<{ rows: Push[]; total: number }>("GET", "/api/pushes", { query, signal }),
  hold: (push: Push) =>
    call<Held>("POST", `/api/pushes/${push.order_id}/hold`, { body: { restore: push.held } }),
  settle: (push: Push, action: Action, destination: number | null) =>
    call<void>("POST", `/api/pushes/${push.order_id}/settle`, {
      body: { operation: push.operation, revision: push.revision, action, destination },
    }),
};
