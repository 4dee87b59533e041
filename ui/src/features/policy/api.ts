import { call, download } from "../../api/http";
import type { Bilingual, Language, OrderRow } from "../../api/types";
import type { Form, Path } from "./model/form";
import type { Grid } from "./model/grid";

type Signal = AbortSignal | undefined;

export interface PolicyProblem {
  code: string;
  severity: "error" | "warning";
  line: number;
  column: number;
  path: Path;
  rule: string | null;
  message: Bilingual;
  advice: Bilingual;
  example: Record<string, unknown> | null;
  example_text: Bilingual | null;
}

export interface Sentence {
  id: string;
  kind: string;
  text: Bilingual;
}

/** What the server says of a policy's text; `form` is null only for what is no policy file at all. */
export interface Checked {
  ok: boolean;
  hash: string | null;
  form: Form | null;
  problems: PolicyProblem[];
  sentences: Sentence[];
}

export interface DraftRow {
  id: number;
  name: string;
  version: number;
  based_on: string;
  created_at: string;
  created_by: string;
  changed_at: string;
  changed_by: string;
}

export interface Draft extends DraftRow {
  source: string;
}

export interface Difference {
  kind: string;
  id: string;
  change: "added" | "removed" | "changed" | "moved" | "retitled" | string;
  title: Bilingual;
  before: Bilingual | null;
  after: Bilingual | null;
}

export interface Compared {
  live: string;
  hash: string;
  same: boolean;
  differences: Difference[];
}

const AT = "/api/policies";

export const policies = {
  check: (source: string, language: Language, signal?: Signal) =>
    call<Checked>("POST", `${AT}/check`, { body: { source, language }, signal }),
  render: (form: Form, language: Language, signal?: Signal) =>
    call<{ source: string; checked: Checked }>("POST", `${AT}/render`, { body: { form, language }, signal }),

  drafts: (signal?: Signal) => call<DraftRow[]>("GET", `${AT}/drafts`, { signal }),
  draft: (id: string, signal?: Signal) => call<Draft>("GET", `${AT}/drafts/${id}`, { signal }),
  newDraft: (body: { name: string; source?: string }) => call<Draft>("POST", `${AT}/drafts`, { body }),
  saveDraft: (id: number, body: { name: string; source: string; version: number }) =>
    call<Draft>("PUT", `${AT}/drafts/${id}`, { body }),
  deleteDraft: (id: number) => call<void>("DELETE", `${AT}/drafts/${id}`),
  compare: (id: number, signal?: Signal) => call<Compared>("GET", `${AT}/drafts/${id}/compare`, { signal }),
};

interface TableAsked {
  source: string;
  table: string;
  language: Language;
}

/** Decision tables as grids and Excel sheets; each call takes a policy's text and gives grid or text back. */
export const tables = {
  grid: (body: TableAsked, signal?: Signal) => call<Grid>("POST", `${AT}/tables/grid`, { body, signal }),
  apply: (body: { source: string; grid: Grid; language: Language }) =>
    call<{ source: string }>("POST", `${AT}/tables/apply`, { body }),
  export: (body: TableAsked) => download("POST", `${AT}/tables/export`, `${body.table}.xlsx`, { body }),
  import: ({ source, table, language }: TableAsked, file: File) => {
    const form = new FormData();
    form.append("source", source);
    form.append("table", table);
    form.append("language", language);
    form.append("file", file, file.name);
    return call<{ source: string }>("POST", `${AT}/tables/import`, { body: form });
  },
};

export type Code = "release" | "review" | "exception" | "held" | "none";

/** What one policy releases, and what came of it. The bound is one-sided, 95 %. */
export interface Side {
  released: number;
  rate: number | null;
  problems: number;
  problem_rate: number | null;
  problem_bound: number | null;
}

export interface Transition {
  old: Code;
  new: Code;
  n: number;
  problems: number;
  problem_bound: number;
}

export interface GroupCount {
  key: string | null;
  n: number;
  old_released: number;
  new_released: number;
  problems: number;
}

/** `alone`: orders that nothing but this rule keeps from being released. */
export interface RuleCount {
  id: string;
  kind: string;
  title: Bilingual;
  hit: number;
  hit_problems: number;
  alone: number;
  alone_problems: number;
  alone_bound: number | null;
}

export interface BacktestResult {
  orders: number;
  old: Side;
  new: Side;
  transitions: Transition[];
  tiers: { old: string | null; new: string | null; n: number }[];
  by: Record<string, GroupCount[]>;
  rules: RuleCount[];
  problems: { id: string; title: Bilingual; old: number; new: number }[];
}

export interface Backtest {
  id: number;
  state: "queued" | "running" | "done" | "failed";
  draft_id: number | null;
  old_hash: string;
  new_hash: string;
  since: string | null;
  before: string | null;
  chunks: number;
  done_chunks: number;
  created_at: string;
  created_by: string;
  finished_at: string | null;
  result: BacktestResult | null;
}

/** Which orders of a backtest: those of one cell of its tables. */
export interface Cell {
  old?: Code;
  new?: Code;
  rule?: string;
  problem?: boolean;
  group?: string;
  key?: string;
}

export const backtests = {
  start: (body: { source: string; draft: number; since: string | null; before: string | null }) =>
    call<Backtest>("POST", `${AT}/backtests`, { body }),
  list: (draft: number, signal?: Signal) =>
    call<Backtest[]>("GET", `${AT}/backtests`, {
      query: new URLSearchParams({ draft: String(draft) }),
      signal,
    }),
  get: (id: number, signal?: Signal) => call<Backtest>("GET", `${AT}/backtests/${id}`, { signal }),
  orders: (id: number, cell: Cell, signal?: Signal) => {
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(cell)) query.set(name, String(value));
    return call<OrderRow[]>("GET", `${AT}/backtests/${id}/orders`, { query, signal });
  },
};

export interface Move {
  old: string | null;
  new: string | null;
  n: number;
  samples: number[];
}

/** What a policy would change for the orders that wait now. */
export interface Impact {
  waiting: number;
  kept_by_hand: number;
  changed: number;
  released: number;
  stages: Move[];
  tiers: Move[];
  orders: OrderRow[];
}

export const impactOf = (source: string, signal?: Signal) =>
  call<Impact>("POST", `${AT}/impact`, { body: { source, samples: true }, signal });

export interface Rollout {
  id: number;
  state: "proposed" | "shadow" | "scheduled" | "live" | "ended" | "withdrawn";
  name: string;
  hash: string;
  source: string;
  backtest_id: number | null;
  needs_approval: boolean;
  proposed_at: string;
  proposed_by: string;
  approved_at: string | null;
  approved_by: string;
  shadow_since: string | null;
  starts_at: string | null;
  ends_at: string | null;
  live_since: string | null;
}

interface ShadowVerdict {
  stage: string;
  tier: string | null;
  reasons: string;
}

/** How a shadow does beside the live policy, with the newest orders on which they differ. */
export interface Shadow {
  orders: number;
  differing: number;
  moves: { old: string; new: string; n: number }[];
  differences: { live: ShadowVerdict; shadow: ShadowVerdict; order: OrderRow }[];
}

export interface Publication {
  hash: string;
  title_zh: string;
  title_en: string;
  at: string;
  actor_name: string;
  live: boolean;
}

/** The live policy on its way through the orders that wait. */
export interface Application {
  id: number;
  state: "queued" | "running" | "done" | "cancelled";
  waiting: number;
  done: number;
  changed: number;
  created_at: string;
  created_by: string;
  finished_at: string | null;
}

const rollout = (id: number, verb: string, body?: unknown) =>
  call<Rollout>("POST", `${AT}/rollouts/${id}/${verb}`, body === undefined ? {} : { body });

export const publishing = {
  rollouts: (signal?: Signal) => call<Rollout[]>("GET", `${AT}/rollouts`, { signal }),
  propose: (body: { name: string; source: string; backtest: number }) =>
    call<Rollout>("POST", `${AT}/rollouts`, { body }),
  startShadow: (id: number) => rollout(id, "shadow"),
  shadow: (id: number, signal?: Signal) => call<Shadow>("GET", `${AT}/rollouts/${id}/shadow`, { signal }),
  approve: (id: number) => rollout(id, "approve"),
  publish: (id: number, times: { at: string | null; until: string | null }) => rollout(id, "publish", times),
  withdraw: (id: number) => rollout(id, "withdraw"),
  publications: (signal?: Signal) => call<Publication[]>("GET", `${AT}/publications`, { signal }),
  rollBack: () => call<Publication[]>("POST", `${AT}/rollback`),
  applications: (signal?: Signal) => call<Application[]>("GET", `${AT}/applications`, { signal }),
  apply: () => call<Application>("POST", `${AT}/applications`),
  cancel: (id: number) => call<Application>("POST", `${AT}/applications/${id}/cancel`),
  resume: (id: number) => call<Application>("POST", `${AT}/applications/${id}/resume`),
};

/** A number in a rule that can be slid: money in fen, durations in microseconds. */
export interface Threshold {
  rule: string;
  leaf: number;
  field: string;
  type: "money" | "int" | "duration";
  value: number;
}

export interface FrontierPoint {
  value: number;
  released: number;
  rate: number | null;
  problems: number;
  problem_low: number | null;
  problem_high: number | null;
  hours_saved: number;
}

export interface Frontier extends Omit<Threshold, "value" | "type"> {
  type: string;
  current: number;
  orders: number;
  points: FrontierPoint[];
  chosen: number | null;
}

export interface Lever {
  id: string;
  kind: string;
  title: Bilingual;
  frees: number;
  samples: number[];
  misses: { text: Bilingual; n: number }[];
}

export const insights = {
  thresholds: (source: string, signal?: Signal) =>
    call<Threshold[]>("POST", `${AT}/thresholds`, { body: { source }, signal }),
  frontier: (
    body: { source: string; rule: string; leaf: number; values: number[]; target: number },
    signal?: Signal,
  ) => call<Frontier>("POST", `${AT}/frontier`, { body, signal }),
  levers: (source: string, signal?: Signal) =>
    call<Lever[]>("POST", `${AT}/levers`, { body: { source }, signal }),
};
