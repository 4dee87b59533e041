import { DownOutlined, SearchOutlined } from "@ant-design/icons";
import { Button, Checkbox, DatePicker, Input, InputNumber, type InputRef, Select, Space } from "antd";
import dayjs from "dayjs";
import { type RefObject, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useLabels } from "../../app/catalogue";
import { type Filters, type MultiName, UNKNOWN } from "./query";

interface Props {
  filters: Filters;
  onFilter: (part: Partial<Filters>) => void;
  search: RefObject<InputRef | null>;
}

interface PickProps {
  name: MultiName;
  filters: Filters;
  onFilter: Props["onFilter"];
}

function Pick({ name, filters, onFilter }: PickProps) {
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

const MAIN: MultiName[] = ["channel", "stage", "tier", "reason", "province"];
const MORE: MultiName[] = ["shop", "owner_role", "verdict"];

function Search({ filters, onFilter, search }: Pick<Props, "filters" | "onFilter" | "search">) {
  const { t } = useTranslation();
  const [text, setText] = useState(filters.q ?? "");
  useEffect(() => setText(filters.q ?? ""), [filters.q]);
  return (
    <Input
      ref={search}
      className="qd-search"
      prefix={<SearchOutlined aria-hidden />}
      placeholder={t("filter.search")}
      aria-label={t("filter.search")}
      value={text}
      allowClear
      onChange={(event) => {
        setText(event.target.value);
        if (event.target.value === "") onFilter({ q: "" });
      }}
      onPressEnter={() => onFilter({ q: text.trim() })}
      onBlur={() => {
        if (text.trim() !== (filters.q ?? "")) onFilter({ q: text.trim() });
      }}
    />
  );
}

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

/** Filters of the order list; each writes to the address at once. */
export function FilterBar({ filters, onFilter, search }: Props) {
  const { t } = useTranslation();
  const hidden =
    MORE.some((name) => filters[name]?.length) ||
    Boolean(filters.created_from || filters.created_to || filters.amount_min || filters.amount_max);
  const [open, setOpen] = useState(hidden);
  useEffect(() => {
    if (hidden) setOpen(true);
  }, [hidden]);
  return (
    <search className="qd-filters" aria-label={t("filter.title")}>
      <div className="qd-filter-row">
        <Search filters={filters} onFilter={onFilter} search={search} />
        {MAIN.map((name) => (
          <Pick key={name} name={name} filters={filters} onFilter={onFilter} />
        ))}
        <Checkbox
          checked={filters.overdue ?? false}
          onChange={(event) => onFilter({ overdue: event.target.checked })}
        >
          {t("filter.overdue")}
        </Checkbox>
        <Button
          type="text"
          aria-expanded={open}
          icon={<DownOutlined rotate={open ? 180 : 0} aria-hidden />}
          iconPlacement="end"
          onClick={() => setOpen(!open)}
        >
          {t("filter.more")}
        </Button>
      </div>
      {open && (
        <div className="qd-filter-row">
          {MORE.map((name) => (
            <Pick key={name} name={name} filters={filters} onFilter={onFilter} />
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
      )}
    </search>
  );
}
