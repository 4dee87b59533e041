import { call, download, upload } from "../../api/http";
import type { components } from "../../api/schema";

type Served = components["schemas"];
type Signal = AbortSignal | undefined;

export type Summary = Served["PaymentSummaryOut"];
export type Payment = Served["PaymentOut"];
export type Entry = Served["BillEntryOut"];
export type Bill = Served["BillOut"];
type Page<Row> = { rows: Row[]; total: number };

/** Rows on a page of each list. */
export const SIZE = 20;

const paged = (page: number) => new URLSearchParams({ page: String(page) });

export const payments = {
  summary: (signal?: Signal) => call<Summary>("GET", "/api/payments/summary", { signal }),
  list: (query: URLSearchParams, signal?: Signal) =>
    call<Page<Payment>>("GET", "/api/payments", { query, signal }),
  notOurs: (page: number, signal?: Signal) =>
    call<Page<Entry>>("GET", "/api/payments/not-ours", { query: paged(page), signal }),
  bills: (page: number, signal?: Signal) =>
    call<Page<Bill>>("GET", "/api/payments/bills", { query: paged(page), signal }),
  upload: (files: readonly File[], onSent: (share: number) => void) => {
    const form = new FormData();
    for (const file of files) form.append("files", file, file.name);
    return upload<Bill[]>("/api/payments/bills", form, onSent);
  },
  unlock: (bill: number, password: string) =>
    call<Bill>("POST", `/api/payments/bills/${bill}/passwords`, { body: { passwords: [password] } }),
  refused: (bill: number) =>
    download("GET", `/api/payments/bills/${bill}/refused.xlsx`, `bill-refused-${bill}.xlsx`),
  settle: (payment: Payment, note: string) =>
    call<Payment[]>("POST", "/api/payments/settle", {
      body: {
        payments: [{ order_id: payment.order_id, state: payment.state, difference: payment.difference }],
        note,
      },
    }),
};
