import { call } from "../../../api/http";
import type { Bilingual, OrderRow } from "../../../api/types";
import type { Draft } from "../api";

const AT = "/api/policies/suggestions";

/** Decided orders that a rule selects; `bound`: the least share of safe ones that is not refuted. */
export interface Count {
  n: number;
  bad: number;
  rate: number | null;
  bound: number;
}

export interface SuggestedRule {
  id: string;
  condition: string;
  text: Bilingual;
  sentence: Bilingual;
  checks: string[];
  earlier: Count;
  later: Count;
  examples: number[];
  counters: number[];
  proven: boolean;
}

interface Part {
  n: number;
  bad: number;
  first: string | null;
  last: string | null;
}

export interface Found {
  outcome: "proven" | "not_proven" | "no_rule" | "too_few" | "one_day";
  target: number;
  confidence: number | null;
  look: number | null;
  decisions: number;
  unsafe: number;
  /** Released within the last seven days: something may still go wrong with them. */
  recent: number;
  earlier: Part;
  later: Part;
  lacking: number;
  rules: SuggestedRule[];
  set: (Count & { rules: number; share: number; waiting: number }) | null;
}

export interface Suggestion {
  id: number;
  state: "queued" | "running" | "done" | "failed";
  hash: string;
  target: number;
  created_at: string;
  created_by: string;
  result: Found | null;
}

export const suggestions = {
  list: (signal?: AbortSignal) => call<Suggestion[]>("GET", AT, { signal }),
  start: (target: number) => call<Suggestion>("POST", AT, { body: { target } }),
  orders: (id: number, rule: string, safe: boolean, signal?: AbortSignal) =>
    call<OrderRow[]>("GET", `${AT}/${id}/orders`, {
      query: new URLSearchParams({ rule, safe: String(safe) }),
      signal,
    }),
  draft: (id: number, body: { name: string; rules: string[] }) =>
    call<Draft>("POST", `${AT}/${id}/draft`, { body }),
};
