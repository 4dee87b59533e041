import { ArrowDownOutlined, ArrowUpOutlined, CloseOutlined, PlusOutlined } from "@ant-design/icons";
import { Button, Checkbox, Segmented, Select, Tooltip } from "antd";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type {
  ActionProps,
  CombinatorSelectorProps,
  FieldSelectorProps,
  NotToggleProps,
  OperatorSelectorProps,
  ShiftActionsProps,
} from "react-querybuilder";
import { usePreferences } from "../../../app/preferences";
import { operatorsOf } from "../model/operators";
import { TEXT } from "../model/query";
import { BUILTINS, CONSTANTS, PSEUDO } from "../model/tree";
import { useEditorScope } from "./Scope";

export function FieldSelector({ value, handleOnChange, context }: FieldSelectorProps) {
  const { t } = useTranslation();
  const { language } = usePreferences();
  const { names } = useEditorScope();
  const builtins = (context as { builtins?: boolean } | undefined)?.builtins ?? false;
  const options = useMemo(() => {
    const groups = names.groups.map((group) => ({
      label: group[language],
      options: names.fields
        .filter((one) => one.group === group.id)
        .map((one) => ({ value: one.id, label: one[language], search: `${one.zh} ${one.en} ${one.id}` })),
    }));
    const pseudo = (ids: readonly string[]) =>
      ids.map((id) => ({ value: id, label: t(`studio.pseudo.${id}`), search: t(`studio.pseudo.${id}`) }));
    const other = [
      ...pseudo(CONSTANTS),
      { value: TEXT, label: t("studio.pseudo.text"), search: t("studio.pseudo.text") },
    ];
    return [
      ...(builtins ? [{ label: t("studio.pseudo.group"), options: pseudo(BUILTINS) }] : []),
      ...groups,
      { label: t("studio.pseudo.other"), options: other },
    ];
  }, [names, language, builtins, t]);
  return (
    <Select
      className="qd-field-select"
      aria-label={t("studio.field")}
      value={value}
      options={options}
      showSearch={{
        filterOption: (typed, option) =>
          (((option as { search?: string } | undefined)?.search ?? "") as string)
            .toLowerCase()
            .includes(typed.trim().toLowerCase()),
      }}
      popupMatchSelectWidth={260}
      listHeight={320}
      onChange={(next) => handleOnChange(next)}
    />
  );
}

export function OperatorSelector({ value, field, handleOnChange }: OperatorSelectorProps) {
  const { t } = useTranslation();
  const { names } = useEditorScope();
  const known = names.field(field);
  if (field === TEXT || PSEUDO.has(field) || !known) return null;
  const timed = known.type === "time" ? "time." : "";
  const say = (operator: string) =>
    t(`studio.operator.${timed}${operator}`, { defaultValue: t(`studio.operator.${operator}`) });
  return (
    <Select
      className="qd-operator-select"
      aria-label={t("studio.operatorLabel")}
      value={value}
      popupMatchSelectWidth={false}
      options={operatorsOf(known.type, known.nullable).map((one) => ({ value: one, label: say(one) }))}
      onChange={(next) => handleOnChange(next)}
    />
  );
}

export function CombinatorSelector({ value, handleOnChange, rules }: CombinatorSelectorProps) {
  const { t } = useTranslation();
  return (
    <Segmented
      size="small"
      aria-label={t("studio.combinator.label")}
      className={rules.length < 2 ? "qd-combinator qd-combinator-idle" : "qd-combinator"}
      value={value as string}
      options={[
        { value: "and", label: t("studio.combinator.and") },
        { value: "or", label: t("studio.combinator.or") },
      ]}
      onChange={(next) => handleOnChange(next)}
    />
  );
}

export function NotToggle({ checked, handleOnChange }: NotToggleProps) {
  const { t } = useTranslation();
  return (
    <Checkbox checked={checked ?? false} onChange={(event) => handleOnChange(event.target.checked)}>
      <Tooltip title={t("studio.notHint")}>{t("studio.not")}</Tooltip>
    </Checkbox>
  );
}

function Adder({ says, handleOnClick, disabled }: ActionProps & { says: "addRule" | "addGroup" }) {
  const { t } = useTranslation();
  return (
    <Button
      type="text"
      size="small"
      disabled={disabled ?? false}
      data-action={says}
      icon={<PlusOutlined aria-hidden />}
      onClick={(event) => handleOnClick(event)}
    >
      {t(`studio.${says}`)}
    </Button>
  );
}

export const AddRule = (props: ActionProps) => <Adder {...props} says="addRule" />;
export const AddGroup = (props: ActionProps) => <Adder {...props} says="addGroup" />;

function Remover({ says, handleOnClick, disabled }: ActionProps & { says: "removeRule" | "removeGroup" }) {
  const { t } = useTranslation();
  return (
    <Tooltip title={t(`studio.${says}`)}>
      <Button
        type="text"
        size="small"
        disabled={disabled ?? false}
        icon={<CloseOutlined aria-hidden />}
        aria-label={t(`studio.${says}`)}
        onClick={(event) => handleOnClick(event)}
      />
    </Tooltip>
  );
}

export const RemoveRule = (props: ActionProps) => <Remover {...props} says="removeRule" />;
export const RemoveGroup = (props: ActionProps) => <Remover {...props} says="removeGroup" />;

/** Order within a condition changes how it reads, never what it decides. */
export function ShiftActions({ shiftUp, shiftDown, shiftUpDisabled, shiftDownDisabled }: ShiftActionsProps) {
  const { t } = useTranslation();
  return (
    <span className="qd-shift">
      <Button
        type="text"
        size="small"
        disabled={shiftUpDisabled ?? false}
        icon={<ArrowUpOutlined aria-hidden />}
        aria-label={t("studio.moveUp")}
        onClick={() => shiftUp?.()}
      />
      <Button
        type="text"
        size="small"
        disabled={shiftDownDisabled ?? false}
        icon={<ArrowDownOutlined aria-hidden />}
        aria-label={t("studio.moveDown")}
        onClick={() => shiftDown?.()}
      />
    </span>
  );
}
