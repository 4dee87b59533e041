import type { Summary } from "./api";

/** What finance has to look at. */
export const DIFFERENCES = ["missing", "short", "over", "double", "unexpected"] as const;
const OTHERS = ["full", "refunded", "part_refunded"] as const;
export const VIEWS = ["open", ...DIFFERENCES, "settled", ...OTHERS, "not_ours"] as const;
export type View = (typeof VIEWS)[number];

/** The view that an address asks for; what nobody knows is the open differences. */
export function viewOf(asked: string | null): View {
  return VIEWS.find((known) => known === asked) ?? "open";
}

/** How many rows each view has. */
export function counts(summary: Summary): Record<View, number> {
  const made = Object.fromEntries(VIEWS.map((view) => [view, 0])) as Record<View, number>;
  made.not_ours = summary.not_ours;
  for (const one of summary.states) {
    const view = VIEWS.find((known) => known === one.state);
    if (!view) continue;
    made[view] = one.orders - one.settled;
    made.settled += one.settled;
    if ((DIFFERENCES as readonly string[]).includes(view)) made.open += one.orders - one.settled;
  }
  return made;
}

/** What the server is asked for a view. */
export function queryOf(view: View, search: string, page: number): URLSearchParams {
  const query = new URLSearchParams({ page: String(page) });
  if (view !== "open" && view !== "settled") query.append("state", view);
  if (view === "settled") query.append("settled", "true");
  else if (view === "open" || (DIFFERENCES as readonly string[]).includes(view))
    query.append("settled", "false");
  if (search) query.append("q", search);
  return query;
}
