import { useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { type Field, QueryBuilder, type RuleGroupType } from "react-querybuilder";
import type { Lexicon } from "../model/lexicon";
import { convert, kindsOf, operatorsOf, startLeaf, usualLeaf } from "../model/operators";
import { nodeOf, type Query, queryOf, type Row, TEXT } from "../model/query";
import { type Group, none, PSEUDO, same, type Value } from "../model/tree";
import {
  AddGroup,
  AddRule,
  CombinatorSelector,
  FieldSelector,
  NotToggle,
  OperatorSelector,
  RemoveGroup,
  RemoveRule,
  ShiftActions,
} from "./controls";
import { useEditorScope } from "./Scope";
import { ValueEditor } from "./ValueEditor";
import "./condition.css";

interface Props {
  label: string;
  value: Group;
  onChange: (next: Group) => void;
  /** Rows of the tier table may ask about the rules before them. */
  builtins?: boolean;
  /** Whether a value is among what the server complains of. */
  suspect?: ((field: string, value: Value) => boolean) | undefined;
}

const CONTROLS = {
  fieldSelector: FieldSelector,
  operatorSelector: OperatorSelector,
  valueEditor: ValueEditor,
  combinatorSelector: CombinatorSelector,
  notToggle: NotToggle,
  addRuleAction: AddRule,
  addGroupAction: AddGroup,
  removeRuleAction: RemoveRule,
  removeGroupAction: RemoveGroup,
  shiftActions: ShiftActions,
};

const CLASSES = { queryBuilder: "qd-builder", ruleGroup: "qd-group", rule: "qd-row" };
const LEVELS = 8;

function firstRow(field: string, names: Lexicon): Row {
  const { operator, value } = startLeaf(field, names.type(field) ?? "text");
  return { field, operator, value };
}

/** A row after its field or operator changed: only values that go with them stay. */
function settle(row: Row, names: Lexicon): Row {
  if (row.field === TEXT) {
    const fits = row.value?.type === "text" && row.operator === "is";
    return fits ? row : { ...row, operator: "is", value: { type: "text", value: "" } };
  }
  if (PSEUDO.has(row.field)) return row.operator === "is" ? row : { ...row, operator: "is", value: none };
  const type = names.type(row.field);
  if (!type) return row;
  const kinds = kindsOf(type, row.operator);
  const value = row.value ?? none;
  return kinds.includes(value.type) ? row : { ...row, value: convert(value, kinds[0] ?? "none") };
}

function settleAll(query: Query, names: Lexicon): Query {
  return {
    ...query,
    rules: query.rules.map((one) => ("rules" in one ? settleAll(one, names) : settle(one, names))),
  };
}

/** Conditions joined by and, or, not: picked, not typed. */
export function ConditionEditor({ label, value, onChange, builtins = false, suspect }: Props) {
  const { t } = useTranslation();
  const { names, readOnly } = useEditorScope();
  const [query, setQuery] = useState<Query>(() => queryOf(value));
  const shown = useRef(value);
  useEffect(() => {
    // A change from outside: undone, redone, or read anew from the text.
    if (same(value, shown.current)) return;
    shown.current = value;
    setQuery(queryOf(value));
  }, [value]);

  const fields = useMemo<Field[]>(() => {
    const ids = [...names.fields.map((one) => one.id), ...PSEUDO, TEXT];
    return ids.map((id) => ({ name: id, value: id, label: id }));
  }, [names]);
  const context = useMemo(() => ({ builtins, suspect }), [builtins, suspect]);
  const change = (next: RuleGroupType) => {
    const settled = settleAll(next as Query, names);
    setQuery(settled);
    const node = nodeOf(settled);
    if (same(node, shown.current)) return;
    shown.current = node;
    onChange(node);
  };
  const start = usualLeaf(names).field;
  return (
    <fieldset className="qd-condition" aria-label={label}>
      <QueryBuilder
        query={query as RuleGroupType}
        onQueryChange={change}
        fields={fields}
        controlElements={CONTROLS}
        controlClassnames={CLASSES}
        context={context}
        disabled={readOnly}
        maxLevels={LEVELS}
        showNotToggle
        showShiftActions
        resetOnFieldChange
        getOperators={(field) => {
          const known = names.field(field);
          const list = known ? operatorsOf(known.type, true) : ["is"];
          return list.map((name) => ({ name, value: name, label: name }));
        }}
        getDefaultOperator={(field) => firstRow(field, names).operator}
        getDefaultValue={(rule) => firstRow(rule.field, names).value}
        onAddRule={() => firstRow(start, names)}
        onAddGroup={(group) => ({ ...group, rules: [firstRow(start, names)] })}
        translations={{ notToggle: { label: t("studio.not") } }}
      />
      {query.rules.length === 0 && <p className="qd-muted qd-condition-empty">{t("studio.noCondition")}</p>}
    </fieldset>
  );
}
