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
  orders: Agrees<ours.OrderPage, Served["PageOut"]>;
  row: Agrees<ours.OrderRow, Served["RowOut"]>;
  decision: Agrees<ours.OrderDetail["decision"], Served["DecisionOut"]>;
  event: Agrees<ours.OrderEvent, Served["EventOut"]>;
  revealed: Agrees<ours.Revealed, Served["UnmaskedOut"]>;
  view: Agrees<ours.SavedView, Served["ViewOut"]>;
  importFile: Agrees<ours.ImportFile, Served["FileOut"]>;
  importJob: Agrees<ours.ImportJob, Served["ImportOut"]>;
}
