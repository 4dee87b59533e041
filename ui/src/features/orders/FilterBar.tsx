import { DownOutlined, SearchOutlined } from "@ant-design/icons";
import { Button, Checkbox, Input, type InputRef, Tag } from "antd";
import { lazy, type RefObject, Suspense, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { FilterPick } from "./FilterPick";
import { type Filters, FLAGS, MORE, type MultiName } from "./query";

interface Props {
  filters: Filters;
  onFilter: (part: Partial<Filters>) => void;
  search: RefObject<InputRef | null>;
}

const MoreFilters = lazy(async () => ({ default: (await import("./MoreFilters")).MoreFilters }));

const MAIN: MultiName[] = ["channel", "stage", "tier", "reason", "province"];

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
          <FilterPick key={name} name={name} filters={filters} onFilter={onFilter} />
        ))}
        {FLAGS.filter((name) => name !== "alone" || filters.alone).map((name) => (
          <Checkbox
            key={name}
            checked={filters[name] ?? false}
            onChange={(event) => onFilter({ [name]: event.target.checked })}
          >
            {t(`filter.${name}`)}
          </Checkbox>
        ))}
        <Button
          type="text"
          aria-expanded={open}
          icon={<DownOutlined rotate={open ? 180 : 0} aria-hidden />}
          iconPlacement="end"
          onClick={() => setOpen(!open)}
        >
          {t("filter.more")}
        </Button>
        {filters.import && (
          <Tag closable={{ "aria-label": t("filter.dropImport") }} onClose={() => onFilter({ import: "" })}>
            {t("filter.import", { id: filters.import })}
          </Tag>
        )}
        {filters.incident && (
          <Tag
            closable={{ "aria-label": t("filter.dropIncident") }}
            onClose={() => onFilter({ incident: "" })}
          >
            {t("filter.incident", { id: filters.incident })}
          </Tag>
        )}
        {filters.like && (
          <Tag closable={{ "aria-label": t("filter.dropLike") }} onClose={() => onFilter({ like: "" })}>
            {t("filter.like", { what: t(`filter.likes.${filters.like.split(":")[1]}`) })}
          </Tag>
        )}
        {(["step", "risk"] as const).map(
          (name) =>
            filters[name] && (
              <Tag
                key={name}
                closable={{ "aria-label": t(`filter.${name}Drop`) }}
                onClose={() => onFilter({ [name]: "" })}
              >
                {t(`filter.${name}.${filters[name]}`)}
              </Tag>
            ),
        )}
        {filters.due_within && (
          <Tag closable={{ "aria-label": t("filter.dropDue") }} onClose={() => onFilter({ due_within: "" })}>
            {t("filter.due", { hours: filters.due_within })}
          </Tag>
        )}
      </div>
      {open && (
        <Suspense fallback={<div className="qd-filter-row qd-filter-wait" />}>
          <MoreFilters filters={filters} onFilter={onFilter} />
        </Suspense>
      )}
    </search>
  );
}
