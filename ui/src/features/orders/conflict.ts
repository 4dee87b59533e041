import type { CatalogueField, FieldValue } from "../../api/types";

export interface Difference {
  field: CatalogueField;
  before: FieldValue;
  after: FieldValue;
}

/** Fields that changed between the order as the person saw it and the order as it is now. */
export function differences(
  seen: Record<string, FieldValue>,
  now: Record<string, FieldValue>,
  fields: readonly CatalogueField[],
): Difference[] {
  return fields
    .filter((field) => field.scope === "order" && field.id in now && field.id in seen)
    .map((field) => ({ field, before: seen[field.id] ?? null, after: now[field.id] ?? null }))
    .filter(({ before, after }) => JSON.stringify(before) !== JSON.stringify(after));
}
