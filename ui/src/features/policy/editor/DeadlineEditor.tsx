import { InputNumber, Select } from "antd";
import { useTranslation } from "react-i18next";
import { type Choice, readDeadline, writeDeadline } from "../model/deadline";
import { useEditorScope } from "./Scope";

interface Props {
  label: string;
  value: string | null;
  sameDay?: boolean;
  onChange: (value: string | null) => void;
}

export function DeadlineEditor({ label, value, sameDay = false, onChange }: Props) {
  const { t } = useTranslation();
  const { readOnly } = useEditorScope();
  const { choice, amount } = readDeadline(value);
  const choices: Choice[] = ["none", ...(sameDay ? (["same_day"] as const) : []), "minute", "hour", "day"];
  const put = (next: Choice, n: number | null) => onChange(writeDeadline(next, n));
  return (
    <span className="qd-value-pair">
      {choice !== "none" && choice !== "same_day" && (
        <InputNumber
          className="qd-value-tiny"
          aria-label={label}
          disabled={readOnly}
          min={1}
          max={999}
          precision={0}
          value={amount}
          onChange={(n) => n !== null && put(choice, Number(n))}
        />
      )}
      <Select<Choice>
        aria-label={`${label} · ${t("studio.unit.label")}`}
        disabled={readOnly}
        popupMatchSelectWidth={false}
        className="qd-value-unit"
        value={choice}
        options={choices.map((one) => ({ value: one, label: t(`studio.deadline.${one}`) }))}
        onChange={(next) => put(next, amount)}
      />
    </span>
  );
}
