import { Select } from "antd";
import { useTranslation } from "react-i18next";
import { useLabels } from "../../app/catalogue";
import { type Filters, type MultiName, UNKNOWN } from "./query";

export interface PickProps {
  name: MultiName;
  filters: Filters;
  onFilter: (part: Partial<Filters>) => void;
}

/** Picks among the values of one filter. */
export function FilterPick({ name, filters, onFilter }: PickProps) {
  const { t } = useTranslation();
  const labels = useLabels();
  const options = {
    stage: () => labels.options({ field: "stage" }),
    channel: () => labels.options({ field: "channel" }),
    province: () => [
      ...labels.options({ field: "province" }),
      { value: UNKNOWN, label: t("filter.unknown") },
    ],
    shop: () => labels.options("shops"),
    tier: () => labels.options("tiers"),
    verdict: () => labels.options("verdicts"),
    owner_role: () => labels.options("roles"),
    reason: () => labels.options("reasons"),
  }[name]();
  return (
    <Select
      mode="multiple"
      className="qd-pick"
      aria-label={t(`column.${name}`)}
      data-filter={name}
      placeholder={t(`column.${name}`)}
      options={options}
      value={[...(filters[name] ?? [])]}
      onChange={(values: string[]) => onFilter({ [name]: values })}
      maxTagCount="responsive"
      maxTagPlaceholder={(hidden) => `+${hidden.length}`}
      showSearch={{ optionFilterProp: "label" }}
      popupMatchSelectWidth={false}
      allowClear
    />
  );
}
