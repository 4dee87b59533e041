import { EditOutlined } from "@ant-design/icons";
import { Button, Input, InputNumber, Select, Tooltip } from "antd";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { usePreferences } from "../../../app/preferences";
import type { Value } from "../model/tree";
import { fromUnit, type TimeUnit, toUnit, UNITS } from "../model/units";
import { useEditorScope } from "./Scope";

interface Props {
  label: string;
  value: Value;
  onChange: (value: Value) => void;
  invalid: boolean;
}

const status = (invalid: boolean) => (invalid ? ("error" as const) : ("" as const));

export function MoneyValue({ label, value, onChange, invalid }: Props) {
  const { t } = useTranslation();
  return (
    <InputNumber
      className="qd-value-number"
      aria-label={label}
      status={status(invalid)}
      value={typeof value.value === "number" ? value.value / 100 : null}
      min={-900_000_000}
      max={900_000_000}
      precision={Number.isInteger(Number(value.value ?? 0) / 100) ? 0 : 2}
      step={10}
      parser={(text) => Number((text ?? "").replace(/[^\d.-]/g, ""))}
      suffix={t("studio.unit.yuan")}
      onChange={(yuan) =>
        onChange({ type: value.type, value: yuan === null ? null : Math.round(Number(yuan) * 100) })
      }
    />
  );
}

export function IntValue({ label, value, onChange, invalid }: Props) {
  return (
    <InputNumber
      className="qd-value-number"
      aria-label={label}
      status={status(invalid)}
      value={typeof value.value === "number" ? value.value : null}
      precision={0}
      onChange={(n) => onChange({ type: value.type, value: n === null ? null : Number(n) })}
    />
  );
}

export function DurationValue({ label, value, onChange, invalid }: Props) {
  const { t } = useTranslation();
  const seconds = typeof value.value === "number" ? value.value : null;
  const [unit, setUnit] = useState<TimeUnit>(() => toUnit(seconds).unit);
  const amount = seconds === null ? null : seconds / UNITS[unit];
  const put = (n: number | null, next: TimeUnit) =>
    onChange({ type: value.type, value: n === null ? null : fromUnit(n, next) });
  return (
    <span className="qd-value-pair">
      <InputNumber
        className="qd-value-short"
        aria-label={label}
        status={status(invalid)}
        value={amount}
        min={0}
        max={3650}
        onChange={(n) => put(n === null ? null : Number(n), unit)}
      />
      <Select
        aria-label={t("studio.unit.label")}
        value={unit}
        popupMatchSelectWidth={false}
        options={(Object.keys(UNITS) as TimeUnit[]).map((key) => ({
          value: key,
          label: t(`studio.unit.${key}`),
        }))}
        onChange={(next) => {
          setUnit(next);
          put(amount, next);
        }}
      />
    </span>
  );
}

export function BoolValue({ label, value, onChange }: Props) {
  const { t } = useTranslation();
  return (
    <Select
      aria-label={label}
      className="qd-value-short"
      value={value.value === false ? "no" : "yes"}
      options={[
        { value: "yes", label: t("value.yes") },
        { value: "no", label: t("value.no") },
      ]}
      onChange={(next) => onChange({ type: "bool", value: next === "yes" })}
    />
  );
}

/** Keeps what is being typed to itself until the person pauses on another place. */
export function TextValue({ label, value, onChange, invalid, wide = false }: Props & { wide?: boolean }) {
  const held = typeof value.value === "string" ? value.value : "";
  const [typed, setTyped] = useState(held);
  useEffect(() => setTyped(held), [held]);
  const commit = () => typed !== held && onChange({ type: value.type, value: typed });
  return (
    <Input
      className={wide ? "qd-value-wide" : "qd-value-text"}
      aria-label={label}
      status={status(invalid)}
      value={typed}
      onChange={(event) => setTyped(event.target.value)}
      onBlur={commit}
      onPressEnter={commit}
    />
  );
}

export function EnumValue({ field, label, value, onChange, invalid }: Props & { field: string }) {
  const { language } = usePreferences();
  const { names } = useEditorScope();
  const many = value.type === "enums";
  const options = (names.field(field)?.values ?? []).map((one) => ({ value: one.id, label: one[language] }));
  return (
    <Select
      className={many ? "qd-value-many" : "qd-value-one"}
      aria-label={label}
      status={status(invalid)}
      {...(many ? { mode: "multiple" as const, maxTagCount: 8 } : {})}
      showSearch={{ optionFilterProp: "label" }}
      popupMatchSelectWidth={false}
      value={(value.value ?? (many ? [] : undefined)) as string[]}
      options={options}
      onChange={(next: string[] | string) => onChange({ type: value.type, value: next })}
    />
  );
}

const SPLIT = [",", "，", "、", ";", "；", "\n"];

export function TextsValue({ label, value, onChange, invalid }: Props) {
  const { t } = useTranslation();
  return (
    <Select
      className="qd-value-many"
      mode="tags"
      aria-label={label}
      status={status(invalid)}
      open={false}
      suffixIcon={null}
      tokenSeparators={SPLIT}
      placeholder={t("studio.value.texts")}
      value={Array.isArray(value.value) ? (value.value as string[]) : []}
      onChange={(next: string[]) =>
        onChange({ type: "texts", value: next.map((one) => one.trim()).filter(Boolean) })
      }
    />
  );
}

/** Several amounts or numbers, typed one after the other. */
export function NumbersValue({ label, value, onChange, invalid }: Props) {
  const factor = value.type === "moneys" ? 100 : 1;
  const { t } = useTranslation();
  const held = Array.isArray(value.value) ? (value.value as number[]) : [];
  return (
    <Select
      className="qd-value-many"
      mode="tags"
      aria-label={label}
      status={status(invalid)}
      open={false}
      suffixIcon={null}
      tokenSeparators={SPLIT}
      placeholder={t(value.type === "moneys" ? "studio.value.moneys" : "studio.value.ints")}
      value={held.map((one) => String(one / factor))}
      onChange={(next: string[]) => {
        const read = next.map((one) => Math.round(Number(one.replace(/[^\d.-]/g, "")) * factor));
        onChange({ type: value.type, value: [...new Set(read.filter(Number.isFinite))] });
      }}
    />
  );
}

export function WordsValue({ label, value, onChange, invalid }: Props) {
  const { t } = useTranslation();
  const { words, openWords } = useEditorScope();
  const name = typeof value.value === "string" ? value.value : null;
  const known = words.some((list) => list.name === name);
  return (
    <span className="qd-value-pair">
      <Select
        className="qd-value-one"
        aria-label={label}
        status={status(invalid || (name !== null && !known))}
        placeholder={t("studio.value.words")}
        popupMatchSelectWidth={false}
        value={name}
        options={words.map((list) => ({ value: list.name, label: `@${list.name}` }))}
        onChange={(next: string) => onChange({ type: "words", value: next })}
        notFoundContent={t("studio.words.none")}
      />
      <Tooltip title={t("studio.words.edit")}>
        <Button
          type="text"
          icon={<EditOutlined aria-hidden />}
          aria-label={t("studio.words.edit")}
          onClick={() => openWords(known ? name : null)}
        />
      </Tooltip>
    </span>
  );
}

export function FieldValue({ field, label, value, onChange, invalid }: Props & { field: string }) {
  const { language } = usePreferences();
  const { names } = useEditorScope();
  const type = names.type(field);
  return (
    <Select
      className="qd-value-one"
      aria-label={label}
      status={status(invalid)}
      showSearch={{ optionFilterProp: "label" }}
      popupMatchSelectWidth={false}
      value={value.value as string | null}
      options={names.fields
        .filter((one) => one.type === type && one.id !== field)
        .map((one) => ({ value: one.id, label: one[language] }))}
      onChange={(next: string) => onChange({ type: "field", value: next })}
    />
  );
}
