/** The orders page's filter as it stands in the address; the same names as the API. */

export const MULTI = [
  "stage",
  "channel",
  "shop",
  "province",
  "tier",
  "verdict",
  "owner_role",
  "reason",
] as const;
export const SINGLE = [
  "q",
  "created_from",
  "created_to",
  "amount_min",
  "amount_max",
  "import",
  "incident",
  "like",
  "step",
  "risk",
] as const;
/** Filters that are on or off. */
export const FLAGS = ["overdue", "late", "alone"] as const;

export type MultiName = (typeof MULTI)[number];
export type SingleName = (typeof SINGLE)[number];
export type FlagName = (typeof FLAGS)[number];

export type Filters = Partial<Record<MultiName, readonly string[]>> &
  Partial<Record<SingleName, string>> &
  Partial<Record<FlagName, boolean>> & { due_within?: string };

export interface OrdersState {
  filters: Filters;
  sort: string;
  page: number;
  size: number;
  /** Order whose card is open. */
  open: string | null;
}

/** Filters that stand behind "more". */
export const MORE: readonly MultiName[] = ["shop", "owner_role", "verdict"];

export const BACKLOG = ["in_review", "exception", "held"] as const;
/** Stages of orders that are cleared and not yet shipped. */
export const CLEARED = ["released", "sent"] as const;
export const DEFAULT_SORT = "-created_at";
export const DEFAULT_SIZE = 50;

/** Stands for "not known" where a filter takes ids: an order without a province, say. */
export const UNKNOWN = "none";

const whole = (text: string | null, otherwise: number) => {
  const n = Number(text);
  return Number.isInteger(n) && n > 0 ? n : otherwise;
};

export function parse(params: URLSearchParams): OrdersState {
  const filters: Filters = {};
  for (const name of MULTI) {
    const values = params.getAll(name).filter(Boolean);
    if (values.length > 0) filters[name] = values;
  }
  for (const name of SINGLE) {
    const value = params.get(name);
    if (value) filters[name] = value;
  }
  for (const name of FLAGS) if (params.get(name) === "1") filters[name] = true;
  const within = params.get("due_within");
  if (within) filters.due_within = within;
  return {
    filters,
    sort: params.get("sort") ?? DEFAULT_SORT,
    page: whole(params.get("page"), 1),
    size: whole(params.get("size"), DEFAULT_SIZE),
    open: params.get("order"),
  };
}

/** Writes filters in a fixed order, so that equal filters make equal addresses. */
export function filterParams(filters: Filters): URLSearchParams {
  const params = new URLSearchParams();
  for (const name of MULTI) for (const value of filters[name] ?? []) params.append(name, value);
  for (const name of SINGLE) if (filters[name]) params.set(name, filters[name]);
  for (const name of FLAGS) if (filters[name]) params.set(name, "1");
  if (filters.due_within) params.set("due_within", filters.due_within);
  return params;
}

/** The address of a state; defaults are left out. */
export function write(state: OrdersState): URLSearchParams {
  const params = filterParams(state.filters);
  if (state.sort !== DEFAULT_SORT) params.set("sort", state.sort);
  if (state.page !== 1) params.set("page", String(state.page));
  if (state.size !== DEFAULT_SIZE) params.set("size", String(state.size));
  if (state.open !== null) params.set("order", state.open);
  return params;
}

/** What the API is asked: like the address, but with every default spelt out and without the open card. */
export function apiParams(state: OrdersState): URLSearchParams {
  const params = filterParams(state.filters);
  params.set("sort", state.sort);
  params.set("page", String(state.page));
  params.set("size", String(state.size));
  return params;
}

/** Filters as JSON for the export. */
export function filterBody(filters: Filters): Record<string, unknown> {
  return Object.fromEntries(Object.entries(filters).filter(([, value]) => value !== undefined));
}

export function ordersPath(filters: Filters = {}, open?: number | string): string {
  const params = filterParams(filters);
  if (open !== undefined) params.set("order", String(open));
  const search = params.toString();
  return search ? `/orders?${search}` : "/orders";
}

/** How many filters are set, for the "clear" button. */
export function active(filters: Filters): number {
  return Object.values(filters).filter((value) => (Array.isArray(value) ? value.length > 0 : Boolean(value)))
    .length;
}
