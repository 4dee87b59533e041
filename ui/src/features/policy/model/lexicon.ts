import type { Catalogue, CatalogueField, Labelled, Language } from "../../../api/types";
export type ValueType = CatalogueField["type"];

/** Fields that rules may read and how they and their values are called, in both languages. */
export interface Lexicon {
  fields: readonly CatalogueField[];
  groups: readonly Labelled[];
  field: (id: string) => CatalogueField | undefined;
  type: (id: string) => ValueType | undefined;
  name: (id: string, language: Language) => string;
  value: (field: string, id: string, language: Language) => string;
}

/** Rules read what an order brings with it, not what we decided about it. */
export function makeLexicon(catalogue: Pick<Catalogue, "fields" | "groups">): Lexicon {
  const fields = catalogue.fields.filter((one) => one.scope === "order" && one.source !== "ledger");
  const byId = new Map(fields.map((one) => [one.id, one]));
  return {
    fields,
    groups: catalogue.groups.filter((group) => fields.some((one) => one.group === group.id)),
    field: (id) => byId.get(id),
    type: (id) => byId.get(id)?.type,
    name: (id, language) => byId.get(id)?.[language] ?? id,
    value: (field, id, language) => byId.get(field)?.values.find((one) => one.id === id)?.[language] ?? id,
  };
}
