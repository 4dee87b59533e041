import { call, download, upload } from "./http";
import type {
  Action,
  Board,
  Catalogue,
  ExportFormat,
  ImportJob,
  Notices,
  OrderDetail,
  OrderPage,
  OrderRow,
  Policy,
  Revealed,
  SavedView,
  Session,
  UndoOutlook,
} from "./types";

type Id = number | string;
type Signal = AbortSignal | undefined;

export const api = {
  session: (signal?: Signal) => call<Session>("GET", "/api/session", { signal }),
  login: (login: string, password: string) =>
    call<Session>("POST", "/api/session", { body: { login, password } }),
  logout: () => call<void>("DELETE", "/api/session"),

  catalogue: (signal?: Signal) => call<Catalogue>("GET", "/api/catalogue", { signal }),
  board: (signal?: Signal) => call<Board>("GET", "/api/board", { signal }),
  policy: (signal?: Signal) => call<Policy>("GET", "/api/policies/live", { signal }),

  orders: (query: URLSearchParams, signal?: Signal) =>
    call<OrderPage>("GET", "/api/orders", { query, signal }),
  order: (id: Id, signal?: Signal) => call<OrderDetail>("GET", `/api/orders/${id}`, { signal }),
  decide: (id: Id, body: { action: Action; reason: string; version: number; until?: string }) =>
    call<OrderRow>("POST", `/api/orders/${id}/decide`, { body }),
  unmask: (id: Id, reason: string) =>
    call<Revealed>("POST", `/api/orders/${id}/unmask`, { body: { reason } }),
  exportOrders: (filters: Record<string, unknown>, format: ExportFormat, reason?: string) =>
    download("POST", "/api/orders/export", `orders.${format}`, {
      body: { filters, format, unmask: reason ? { reason } : null },
    }),

  views: (signal?: Signal) => call<SavedView[]>("GET", "/api/views", { signal }),
  saveView: (body: { name: string; query: string; shared: boolean }) =>
    call<SavedView>("POST", "/api/views", { body }),
  deleteView: (id: Id) => call<void>("DELETE", `/api/views/${id}`),

  notices: (signal?: Signal) => call<Notices>("GET", "/api/notices", { signal }),
  readNotices: (ids: readonly string[], all: boolean) =>
    call<Notices>("POST", "/api/notices/read", { body: { ids, all } }),

  imports: (page: number, signal?: Signal) =>
    call<{ rows: ImportJob[]; total: number }>("GET", "/api/imports", {
      query: new URLSearchParams({ page: String(page) }),
      signal,
    }),
  importJob: (id: Id, signal?: Signal) => call<ImportJob>("GET", `/api/imports/${id}`, { signal }),
  startImport: (files: readonly File[], shop: string, onSent: (share: number) => void) => {
    const form = new FormData();
    for (const file of files) form.append("files", file, file.name);
    if (shop) form.append("shop", shop);
    return upload<ImportJob>("/api/imports", form, onSent);
  },
  cancelImport: (id: Id) => call<ImportJob>("POST", `/api/imports/${id}/cancel`),
  retryImport: (id: Id) => call<ImportJob>("POST", `/api/imports/${id}/retry`),
  unlockImport: (id: Id, passwords: readonly string[]) =>
    call<ImportJob>("POST", `/api/imports/${id}/passwords`, { body: { passwords } }),
  undoOutlook: (id: Id) => call<UndoOutlook>("GET", `/api/imports/${id}/undo`),
  undoImport: (id: Id) => call<ImportJob>("POST", `/api/imports/${id}/undo`),
  refused: (id: Id, format: "csv" | "xlsx") =>
    download("GET", `/api/imports/${id}/refused.${format}`, `refused.${format}`),
  takeRefused: (id: Id, format: "xlsx" | "zip", reason: string) =>
    download("POST", `/api/imports/${id}/refused`, `refused.${format}`, { body: { format, reason } }),
};
