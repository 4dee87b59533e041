/** The shapes of the HTTP API. Money is integer fen, times are ISO 8601 in UTC, identifiers are text. */

export type Language = "zh" | "en";

export interface Bilingual {
  zh: string;
  en: string;
}

export interface Labelled extends Bilingual {
  id: string;
}

export interface User {
  id: number;
  name: string;
  login: string;
  roles: string[];
  merchant: { id: number; name: string };
}

export interface DemoLogin {
  login: string;
  password: string;
  name: string;
  role: string;
}

export interface Session {
  user: User | null;
  rights: string[];
  zone: string;
  demo_logins: DemoLogin[];
  languages: string[];
}

export type FieldType = "enum" | "text" | "int" | "money" | "time" | "duration" | "bool" | "enum_list";

export interface CatalogueField extends Labelled {
  type: FieldType;
  group: string;
  nullable: boolean;
  values: Labelled[];
  pii: string;
  scope: "order" | "line";
  source: string;
}

export interface Catalogue {
  groups: Labelled[];
  fields: CatalogueField[];
  verdicts: Labelled[];
  tiers: Labelled[];
  roles: Labelled[];
  reasons: (Labelled & { kind: string })[];
  shops: { id: number; name: string; channel: string }[];
}

export interface OrderRow {
  id: number;
  version: number;
  channel: string;
  shop: string;
  order_no: string;
  stage: string;
  verdict: string;
  tier: string | null;
  reasons: string[];
  owner_role: string | null;
  paid_amount: number | null;
  province: string | null;
  city: string | null;
  receiver_name: string | null;
  goods_title: string;
  buyer_message: string;
  seller_memo: string;
  created_at: string | null;
  paid_at: string | null;
  ship_by: string | null;
  respond_by: string | null;
  resolve_by: string | null;
  due_at: string | null;
  /** Past our own deadline. */
  overdue: boolean;
  /** Not gone by the time promised to the buyer. */
  late: boolean;
  platform_status: string | null;
}

export interface OrderPage {
  rows: OrderRow[];
  total: number;
  page: number;
  size: number;
}

export type FieldValue = string | number | boolean | string[] | null;

export interface Actor {
  kind: string;
  name: string | null;
}

export interface Leaf {
  text: string;
  actual: string;
  result: Truth;
}

export type Truth = "true" | "false" | "unknown";

export interface ExplainedRule {
  id: string;
  kind: "check" | "exception" | "hold" | "tag" | string;
  title: Bilingual;
  result: Truth;
  because: Leaf[];
  /** Until when it does not count for this order, by whom and why. */
  snoozed: { until: string; by: string; reason: string } | null;
}

export interface OrderEvent {
  id: string;
  at: string;
  kind: string;
  actor: Actor;
  from_stage: string | null;
  to_stage: string | null;
  reason: string | null;
  changes: { field: string; before: FieldValue; after: FieldValue }[];
  alerts: string[];
  policy_hash: string | null;
}

export interface OrderDetail {
  order: Record<string, FieldValue> & { id: number; version: number };
  lines: Record<string, FieldValue>[];
  decision: {
    verdict: string;
    tier: string | null;
    tier_tentative: boolean;
    reasons: string[];
    owner_role: string | null;
    respond_by: string | null;
    resolve_by: string | null;
    ship_by: string | null;
    policy_hash: string | null;
    reviewed_at: string | null;
    decided_by: Actor | null;
  };
  explanation: {
    policy: { id: string; title: Bilingual; hash: string };
    rules: ExplainedRule[];
    tier: { id: string; title: Bilingual; row: number } | null;
  } | null;
  events: OrderEvent[];
}

export type Action = "release" | "hold" | "exception" | "review";

export interface Revealed {
  receiver_name: string | null;
  receiver_phone: string | null;
  address: string | null;
  buyer_message: string;
  seller_memo: string;
}

export interface SavedView {
  id: number;
  name: string;
  query: string;
  shared: boolean;
  owner: { id: number; name: string };
  mine: boolean;
}

export interface Tally {
  id: string | null;
  count: number;
}

export interface Board {
  as_of: string;
  total: number;
  backlog: number;
  release_rate: number | null;
  by_stage: Tally[];
  by_channel: Tally[];
  by_province: Tally[];
  by_tier: Tally[];
  by_reason: Tally[];
  by_shop: Tally[];
  overdue: { count: number; rows: OrderRow[] };
  due: { h2: number; h12: number; h24: number };
  late: number;
  /** The last 24 hours, the running one last. */
  flow: { at: string; came: number; went: number }[];
  /** Worked out once a minute; null before the first time. */
  pulse: Pulse | null;
  forecast: Forecast | null;
}

/** What unshipped orders cost by being late: by now, and on top of it within a day. */
export interface Risk {
  now_fen: number;
  now_orders: number;
  day_fen: number;
  day_orders: number;
  by_channel: { channel: string; now_fen: number; day_fen: number; orders: number }[];
}

export type StepName = "unclaimed" | "assigned" | "in_hand" | "parked" | "released" | "sent";

export interface Step {
  step: StepName;
  count: number;
  oldest: string | null;
}

export interface Progress {
  id: number;
  name: string;
  orders: number;
  back: number;
  /** In regular orders' worth of work. */
  points: number;
}

export interface Pulse {
  at: string;
  risk: Risk;
  steps: Step[];
  ranking: boolean;
  people: Progress[];
}

export interface Forecast {
  day: string;
  backlog: number;
  days_known: number;
  days_needed: number;
  points: { day: string; low: number; middle: number; high: number }[];
  past: { day: string; backlog: number }[];
  p50: string | null;
  p80: string | null;
  horizon: number;
  inside: number;
  scored: number;
}

/** CSV holds the orders alone; a workbook and a zip of CSV files hold their lines too. */
export type ExportFormat = "csv" | "xlsx" | "zip";

export interface Problem extends Bilingual {
  code: string;
  advice_zh: string;
  advice_en: string;
  details?: Record<string, unknown>;
}

export type ImportState = "queued" | "reading" | "storing" | "done" | "failed" | "cancelled" | "undone";

export interface ImportFile {
  name: string;
  size: number;
  sha256: string;
  channel: string | null;
  kind: string | null;
  rows: number;
  orders: number;
  refused: number;
  state: string;
  /** Holds a table with a header that nobody knows, which the mapping wizard can read. */
  mappable: boolean;
  error: Problem | null;
}

export interface ImportJob {
  id: number;
  created_at: string;
  by: { name: string };
  shop: string | null;
  state: ImportState;
  progress: number;
  files: ImportFile[];
  rows: number;
  orders: number;
  new: number;
  changed: number;
  unchanged: number;
  refused: number;
  seconds: number | null;
  undone: { by: string; at: string; removed: number; restored: number } | null;
  /** How far the undoing that somebody asked for is, or why it was refused. */
  undoing: { by: string; progress: number; problem: Problem | null } | null;
  error: Problem | null;
  notices: (Bilingual & { file: string | null })[];
  totals: Record<"verdict" | "tier" | "reason" | "channel", Record<string, number>>;
}

/** What undoing an import would do; `problem` says why it can not be done. */
export interface UndoOutlook {
  removed: number;
  restored: number;
  problem: Problem | null;
}

/** A change that matters of an order that the person answers for. */
export interface Notice {
  id: string;
  at: string;
  order_id: number;
  order_no: string;
  channel: string;
  stage: string;
  alerts: string[];
}

export interface Notices {
  rows: Notice[];
  total: number;
}

export interface Policy {
  id: string;
  title: Bilingual;
  hash: string;
  live_since: string | null;
  scope: Bilingual | null;
  rules: { id: string; kind: string; title: Bilingual; text: Bilingual }[];
  tiers: {
    id: string;
    title: Bilingual;
    text: Bilingual;
    owner: string;
    respond: Bilingual | null;
    resolve: Bilingual | null;
  }[];
  words: { name: string; items: string[] }[];
}
