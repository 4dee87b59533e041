import { call, download, upload } from "../../api/http";
import type { components } from "../../api/schema";

type Served = components["schemas"];
type Signal = AbortSignal | undefined;

export type CustomerList = Served["CustomerListOut"];
export type Entry = Served["CustomerEntryOut"];
export type Change = Served["CustomerChangeOut"];
export type NewEntry = Served["CustomerEntryIn"];
export type Kind = NewEntry["kind"];
export type Mode = "add" | "replace";

/** Lines on a page of a list, and changes on a page of the history; the server's choice. */
export const SIZE = 50;

const query = (parts: Record<string, string | number>) =>
  new URLSearchParams(Object.entries(parts).map(([key, value]) => [key, String(value)]));

export const customers = {
  lists: (signal?: Signal) => call<CustomerList[]>("GET", "/api/customers", { signal }),
  entries: (kind: Kind, q: string, page: number, signal?: Signal) =>
    call<{ rows: Entry[]; total: number }>("GET", "/api/customers/entries", {
      query: query({ kind, q, page }),
      signal,
    }),
  changes: (page: number, signal?: Signal) =>
    call<{ rows: Change[]; total: number }>("GET", "/api/customers/changes", {
      query: query({ page }),
      signal,
    }),
  add: (entry: NewEntry) => call<Change>("POST", "/api/customers/entries", { body: entry }),
  remove: (id: number) => call<Change>("DELETE", `/api/customers/entries/${id}`),
  upload: (file: File, kind: Kind, mode: Mode, onSent: (share: number) => void) => {
    const form = new FormData();
    form.append("file", file, file.name);
    form.append("kind", kind);
    form.append("mode", mode);
    return upload<Change>("/api/customers/uploads", form, onSent);
  },
  template: (kind: Kind) =>
    download("GET", `/api/customers/template.xlsx?kind=${encodeURIComponent(kind)}`, `${kind}.xlsx`),
  cancel: (id: number) => call<Change>("POST", `/api/customers/changes/${id}/cancel`),
  resume: (id: number) => call<Change>("POST", `/api/customers/changes/${id}/resume`),
  refused: (id: number) => download("GET", `/api/customers/changes/${id}/refused.xlsx`, "refused.xlsx"),
};
