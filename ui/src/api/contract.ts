import type { components } from "./schema";
import type * as ours from "./types";

type Served = components["schemas"];

/** Fails to compile unless we read exactly the server's fields, each as it is sent or narrower. */
type Agrees<Ours extends Theirs, Theirs> = keyof Theirs extends keyof Ours ? Ours : never;

/**
 * Where our types meet those that `npm run api` generates from the server: a field renamed or dropped over
 * there stops `npm run check` here.
 */
export interface Contract {
  session: Agrees<ours.Session, Served["SessionOut"]>;
  catalogue: Agrees<ours.Catalogue, Served["CatalogueOut"]>;
  board: Agrees<ours.Board, Served["BoardOut"]>;
  tally: Agrees<ours.Tally, Served["ShareOut"]>;
  pulse: Agrees<ours.Pulse, Served["PulseOut"]>;
  risk: Agrees<ours.Risk, Served["RiskOut"]>;
  forecast: Agrees<ours.Forecast, Served["ForecastOut"]>;
  overdue: Agrees<ours.Board["overdue"], Served["OverdueOut"]>;
  orders: Agrees<ours.OrderPage, Served["PageOut"]>;
  row: Agrees<ours.OrderRow, Served["RowOut"]>;
  decision: Agrees<ours.OrderDetail["decision"], Served["DecisionOut"]>;
  detail: Agrees<ours.OrderDetail, Served["DetailOut"]>;
  explanation: Agrees<NonNullable<ours.OrderDetail["explanation"]>, Served["ExplanationOut"]>;
  explainedRule: Agrees<ours.ExplainedRule, Served["ExplainedRuleOut"]>;
  leaf: Agrees<ours.Leaf, Served["LeafOut"]>;
  event: Agrees<ours.OrderEvent, Served["EventOut"]>;
  revealed: Agrees<ours.Revealed, Served["UnmaskedOut"]>;
  view: Agrees<ours.SavedView, Served["ViewOut"]>;
  importFile: Agrees<ours.ImportFile, Served["FileOut"]>;
  importJob: Agrees<ours.ImportJob, Served["ImportOut"]>;
  undoOutlook: Agrees<ours.UndoOutlook, Served["UndoOut"]>;
  notices: Agrees<ours.Notices, Served["NoticesOut"]>;
  notice: Agrees<ours.Notice, Served["OrderNoticeOut"]>;
  importTotals: Agrees<ours.ImportJob["totals"], Served["TotalsOut"]>;
  policy: Agrees<ours.Policy, Served["PolicyOut"]>;
  policyRule: Agrees<ours.Policy["rules"][number], Served["RuleOut"]>;
  policyTier: Agrees<ours.Policy["tiers"][number], Served["TierOut"]>;
}
