import { call, download } from "../../api/http";
import type { components } from "../../api/schema";
import type { Language, OrderRow } from "../../api/types";
import type { Form } from "./model/form";
import type { Grid } from "./model/grid";

type Served = components["schemas"];
type Signal = AbortSignal | undefined;

/** One problem of a text; `path` is its place in the form. */
export type PolicyProblem = Served["ProblemOut"];

export type Sentence = Served["SentenceOut"];

/** What the server says of a policy's text; `form` is null only for what is no policy file at all. */
export interface Checked extends Omit<Served["CheckedOut"], "form"> {
  form: Form | null;
}

export type DraftRow = Served["DraftRowOut"];

export type Draft = Served["DraftOut"];

export type Difference = Served["PolicyDifferenceOut"];

export type Compared = Served["ComparedOut"];

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
  compareText: (source: string, signal?: Signal) =>
    call<Compared>("POST", `${AT}/compare`, { body: { source }, signal }),
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

export type Code = Served["TransitionOut"]["old"];

/** What one policy releases, and what came of it. The bound is one-sided, 95 %. */
export type Side = Served["SideOut"];

export type Transition = Served["TransitionOut"];

export type GroupCount = Served["GroupOut"];

/** `alone`: orders that nothing but this rule keeps from being released. */
export type RuleCount = Served["RuleCountOut"];

export type BacktestResult = Served["ResultOut"];

export type Backtest = Served["BacktestOut"];

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

export type Move = Served["MoveOut"];

/** What a policy would change for the orders that wait now. */
export type Impact = Served["ImpactOut"];

export const impactOf = (source: string, signal?: Signal) =>
  call<Impact>("POST", `${AT}/impact`, { body: { source, samples: true }, signal });

export type Rollout = Served["RolloutOut"];

/** How a shadow does beside the live policy, with the newest orders on which they differ. */
export type Shadow = Served["ShadowOut"];

export type Publication = Served["PublicationOut"];

/** The live policy on its way through the orders that wait. */
export type Application = Served["ApplicationOut"];

const rollout = (id: number, verb: string, body?: unknown) =>
  call<Rollout>("POST", `${AT}/rollouts/${id}/${verb}`, body === undefined ? {} : { body });

export const publishing = {
  rollouts: (signal?: Signal) => call<Rollout[]>("GET", `${AT}/rollouts`, { signal }),
  propose: (body: { name: string; source: string; backtest: number }) =>
    call<Rollout>("POST", `${AT}/rollouts`, { body }),
  startShadow: (id: number) => rollout(id, "shadow"),
  shadow: (id: number, signal?: Signal) => call<Shadow>("GET", `${AT}/rollouts/${id}/shadow`, { signal }),
  approve: (id: number) => rollout(id, "approve"),
  publish: (id: number, times: Served["PublishIn"]) => rollout(id, "publish", times),
  withdraw: (id: number) => rollout(id, "withdraw"),
  publications: (signal?: Signal) => call<Publication[]>("GET", `${AT}/publications`, { signal }),
  rollBack: () => call<Publication[]>("POST", `${AT}/rollback`),
  applications: (signal?: Signal) => call<Application[]>("GET", `${AT}/applications`, { signal }),
  apply: () => call<Application>("POST", `${AT}/applications`),
  cancel: (id: number) => call<Application>("POST", `${AT}/applications/${id}/cancel`),
  resume: (id: number) => call<Application>("POST", `${AT}/applications/${id}/resume`),
};

/** A number in a rule that can be slid: money in fen, durations in microseconds. */
export type Threshold = Served["ThresholdOut"];

export type FrontierPoint = Served["PointOut"];

export type Frontier = Served["FrontierOut"];

export type Lever = Served["LeverOut"];

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

export type AuditRules = Served["AuditSettingOut"];
export type AuditMeasure = Served["MeasuredOut"];
export type AuditAnswer = Served["AuditAnswerOut"];
export type BlindOrder = Served["AuditBlindOut"];
export type Answered = Served["AnsweredOut"];
export type PolicyNotice = Served["PolicyNoticeOut"];

/** The audit sample: a blind look at a share of what was decided by itself. */
export const audits = {
  get: (signal?: Signal) => call<Served["AuditsOut"]>("GET", `${AT}/audits`, { signal }),
  set: (body: Served["AuditSettingIn"]) => call<AuditRules>("PUT", `${AT}/audits/setting`, { body }),
  next: (signal?: Signal) => call<Served["AuditNextOut"]>("GET", `${AT}/audits/next`, { signal }),
  answer: (id: number, body: { release: boolean; reason?: string; rule?: string }) =>
    call<AuditAnswer>("POST", `${AT}/audits/${id}/answer`, { body }),
  answers: (signal?: Signal) => call<Answered[]>("GET", `${AT}/audits/answers`, { signal }),
};

/** What I am told about policies. */
export const policyNotices = {
  unread: (signal?: Signal) => call<PolicyNotice[]>("GET", `${AT}/notices`, { signal }),
  read: (ids: number[]) => call<void>("POST", `${AT}/notices/read`, { body: { ids } }),
};

export type Snooze = Served["RuleSnoozeOut"];
export type NewSnooze = Served["RuleSnoozeIn"];

export const snoozes = {
  list: (signal?: Signal) => call<Snooze[]>("GET", `${AT}/snoozes`, { signal }),
  create: (body: NewSnooze) => call<Snooze>("POST", `${AT}/snoozes`, { body }),
  end: (id: number) => call<Snooze>("POST", `${AT}/snoozes/${id}/end`),
};

export type BuiltinTemplate = Served["BuiltinOut"];
export type OwnTemplate = Served["TemplateOut"];

export const templates = {
  list: (signal?: Signal) => call<Served["TemplatesOut"]>("GET", `${AT}/templates`, { signal }),
  saveLive: (body: { name: string; note: string }) =>
    call<OwnTemplate>("POST", `${AT}/templates/live`, { body }),
  remove: (id: number) => call<void>("DELETE", `${AT}/templates/${id}`),
  export: ({ id, name }: { id: number; name: string }) =>
    download("GET", `${AT}/templates/${id}/file`, `${name}.yaml`),
  import: (file: File) => {
    const form = new FormData();
    form.append("name", file.name.replace(/\.(ya?ml|txt)$/i, ""));
    form.append("file", file, file.name);
    return call<OwnTemplate>("POST", `${AT}/templates/import`, { body: form });
  },
};
