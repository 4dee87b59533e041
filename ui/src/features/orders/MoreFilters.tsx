import { DatePicker, InputNumber, Space } from "antd";
import dayjs from "dayjs";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { FilterPick, type PickProps } from "./FilterPick";
import { MORE } from "./query";

function Amount({
  name,
  filters,
  onFilter,
}: { name: "amount_min" | "amount_max" } & Omit<PickProps, "name">) {
  const { t } = useTranslation();
  const value = filters[name];
  const [yuan, setYuan] = useState<string | null>(value ?? null);
  useEffect(() => setYuan(value ?? null), [value]);
  const apply = () => {
    if ((yuan ?? "") !== (value ?? "")) onFilter({ [name]: yuan ?? "" });
  };
  return (
    <InputNumber<string>
      stringMode
      min="0"
      precision={2}
      prefix="¥"
      controls={false}
      style={{ width: 116 }}
      placeholder={t(`filter.${name}`)}
      aria-label={t(`filter.${name}`)}
      value={yuan}
      onChange={setYuan}
      onPressEnter={apply}
      onBlur={apply}
    />
  );
}

/** The less asked-for filters; loaded when opened, for the calendar is large. */
export function MoreFilters({ filters, onFilter }: Omit<PickProps, "name">) {
  const { t } = useTranslation();
  return (
    <div className="qd-filter-row">
      {MORE.map((name) => (
        <FilterPick key={name} name={name} filters={filters} onFilter={onFilter} />
      ))}
      <DatePicker.RangePicker
        style={{ width: 250 }}
        allowEmpty={[true, true]}
        placeholder={[t("filter.created_from"), t("filter.created_to")]}
        aria-label={t("filter.created")}
        value={[
          filters.created_from ? dayjs(filters.created_from) : null,
          filters.created_to ? dayjs(filters.created_to) : null,
        ]}
        onChange={(dates) =>
          onFilter({
            created_from: dates?.[0]?.format("YYYY-MM-DD") ?? "",
            created_to: dates?.[1]?.format("YYYY-MM-DD") ?? "",
          })
        }
      />
      <Space size={4}>
        <Amount name="amount_min" filters={filters} onFilter={onFilter} />
        <span className="qd-muted">–</span>
        <Amount name="amount_max" filters={filters} onFilter={onFilter} />
      </Space>
    </div>
  );
}
