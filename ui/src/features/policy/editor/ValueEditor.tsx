import { Select } from "antd";
import { useTranslation } from "react-i18next";
import type { ValueEditorProps } from "react-querybuilder";
import { convert, kindsOf } from "../model/operators";
import { TEXT } from "../model/query";
import { isOpen, PSEUDO, type Value, type ValueKind } from "../model/tree";
import { useEditorScope } from "./Scope";
import {
  BoolValue,
  DurationValue,
  EnumValue,
  FieldValue,
  IntValue,
  MoneyValue,
  NumbersValue,
  TextsValue,
  TextValue,
  WordsValue,
} from "./values";

interface Props {
  field: string;
  label: string;
  value: Value;
  invalid: boolean;
  onChange: (value: Value) => void;
}

function OneKind({ field, ...props }: Props) {
  switch (props.value.type) {
    case "money":
      return <MoneyValue {...props} />;
    case "int":
      return <IntValue {...props} />;
    case "duration":
    case "before_now":
    case "after_now":
      return <DurationValue {...props} />;
    case "bool":
      return <BoolValue {...props} />;
    case "enum":
    case "enums":
      return <EnumValue field={field} {...props} />;
    case "texts":
      return <TextsValue {...props} />;
    case "moneys":
    case "ints":
      return <NumbersValue {...props} />;
    case "words":
      return <WordsValue {...props} />;
    case "field":
      return <FieldValue field={field} {...props} />;
    case "text":
      return <TextValue {...props} />;
    default:
      return null;
  }
}

/** Editor of what a field is compared with, by the kind of the value. */
export function ValueEditor({ field, operator, value, handleOnChange, context }: ValueEditorProps) {
  const { t } = useTranslation();
  const { names } = useEditorScope();
  const held = value as Value;
  const put = (next: Value) => handleOnChange(next);
  if (PSEUDO.has(field)) return null;
  const suspect = (context as { suspect?: (field: string, value: Value) => boolean } | undefined)?.suspect;
  if (field === TEXT) {
    const invalid = isOpen({ kind: "text", source: String(held.value ?? "") }) || !!suspect?.(field, held);
    return <TextValue label={t("studio.value.source")} value={held} onChange={put} invalid={invalid} wide />;
  }
  const type = names.type(field);
  if (!type) return null;
  const kinds = kindsOf(type, operator);
  const leaf = { kind: "leaf" as const, field, operator, value: held };
  const invalid = isOpen(leaf) || !!suspect?.(field, held);
  return (
    <span className="qd-value">
      <OneKind field={field} label={t("studio.value.label")} value={held} invalid={invalid} onChange={put} />
      {kinds.length > 1 && (
        <Select<ValueKind>
          aria-label={t("studio.value.kind")}
          className="qd-value-kind"
          variant="borderless"
          popupMatchSelectWidth={false}
          value={held.type}
          options={kinds.map((kind) => ({ value: kind, label: t(`studio.kind.${kind}`) }))}
          onChange={(kind) => put(convert(held, kind))}
        />
      )}
    </span>
  );
}
