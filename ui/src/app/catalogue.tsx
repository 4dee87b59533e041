import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { api } from "../api";
import type { Bilingual, Catalogue, CatalogueField, Labelled, Language } from "../api/types";
import { usePreferences } from "./preferences";

/** What an order can carry and how each value is called; it changes only with the program. */
export function useCatalogue() {
  return useQuery({
    queryKey: ["catalogue"],
    queryFn: ({ signal }) => api.catalogue(signal),
    staleTime: 5 * 60_000,
  });
}

export interface Option {
  value: string;
  label: string;
}

export interface Labels {
  language: Language;
  /** Text of a pair in the page's language. */
  say: (pair: Bilingual | null | undefined) => string;
  field: (id: string) => string;
  /** Label of an enum value, by the field that holds it. */
  value: (field: string, id: string | null) => string;
  tier: (id: string | null) => string;
  verdict: (id: string | null) => string;
  role: (id: string | null) => string;
  reason: (id: string) => string;
  reasonKind: (id: string) => string;
  /** Name of a shop by its id. */
  shop: (id: string) => string;
  options: (list: "tiers" | "verdicts" | "roles" | "reasons" | "shops" | { field: string }) => Option[];
  fields: readonly CatalogueField[];
  groups: readonly Labelled[];
}

const EMPTY: Catalogue = {
  groups: [],
  fields: [],
  verdicts: [],
  tiers: [],
  roles: [],
  reasons: [],
  shops: [],
};

function index<T extends { id: string }>(rows: readonly T[]): Map<string, T> {
  return new Map(rows.map((row) => [row.id, row]));
}

/** Labels of the catalogue in one language. Ids that it does not know are shown as they are. */
export function makeLabels(catalogue: Catalogue, language: Language): Labels {
  const say = (pair: Bilingual | null | undefined) => pair?.[language] ?? "";
  const fields = index(catalogue.fields);
  const values = new Map(catalogue.fields.map((f) => [f.id, index(f.values)]));
  const lists = {
    tiers: index(catalogue.tiers),
    verdicts: index(catalogue.verdicts),
    roles: index(catalogue.roles),
    reasons: index(catalogue.reasons),
  };
  const look = (list: Map<string, Bilingual>, id: string | null) =>
    id === null || id === "" ? "" : say(list.get(id)) || id;
  return {
    language,
    say,
    field: (id) => look(fields, id),
    value: (field, id) => look(values.get(field) ?? new Map(), id),
    tier: (id) => look(lists.tiers, id),
    verdict: (id) => look(lists.verdicts, id),
    role: (id) => look(lists.roles, id),
    reason: (id) => look(lists.reasons, id),
    shop: (id) => catalogue.shops.find((shop) => String(shop.id) === id)?.name ?? id,
    reasonKind: (id) => lists.reasons.get(id)?.kind ?? "",
    options: (list) => {
      if (typeof list === "object") {
        return (fields.get(list.field)?.values ?? []).map((v) => ({ value: v.id, label: say(v) }));
      }
      if (list === "shops") return catalogue.shops.map((s) => ({ value: String(s.id), label: s.name }));
      return catalogue[list].map((v) => ({ value: v.id, label: say(v) }));
    },
    fields: catalogue.fields,
    groups: catalogue.groups,
  };
}

export function useLabels(): Labels {
  const { language } = usePreferences();
  const { data } = useCatalogue();
  return useMemo(() => makeLabels(data ?? EMPTY, language), [data, language]);
}
