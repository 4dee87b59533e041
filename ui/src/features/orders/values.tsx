import type { TFunction } from "i18next";
import type { ReactNode } from "react";
import type { CatalogueField, FieldValue } from "../../api/types";
import type { Labels } from "../../app/catalogue";
import { Money } from "../../ui/Money";
import { Time } from "../../ui/Time";

/** A catalogue value as a person reads it; null when there is nothing to show. */
export function show(
  field: CatalogueField,
  value: FieldValue | undefined,
  labels: Labels,
  t: TFunction,
): ReactNode {
  if (value === null || value === undefined || value === "") return null;
  switch (field.type) {
    case "money":
      return typeof value === "number" ? <Money fen={value} /> : String(value);
    case "time":
      return <Time at={String(value)} as="both" />;
    case "bool":
      return value ? t("value.yes") : <span className="qd-muted">{t("value.no")}</span>;
    case "enum":
      return labels.value(field.id, String(value));
    case "enum_list":
      return Array.isArray(value) && value.length > 0
        ? value.map((one) => labels.value(field.id, one)).join(" · ")
        : null;
    default:
      return String(value);
  }
}
