import { PlusOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { useLabels } from "../../../app/catalogue";
import type { Checked } from "../api";
import {
  type Form,
  freshId,
  KIND,
  moved,
  newRule,
  type RuleForm,
  replaced,
  SECTIONS,
  type Section,
  without,
} from "../model/form";
import { usualLeaf } from "../model/operators";
import { problemsAt } from "../model/problems";
import { RuleCard } from "./RuleCard";
import { useEditorScope } from "./Scope";
import { SortableList } from "./SortableList";

interface Props {
  section: Section;
  form: Form;
  checked: Checked;
  open: string | null;
  onOpen: (id: string | null) => void;
  onForm: (form: Form, touched?: string) => void;
}

/** Ids for the list; two rules that wrongly share one are still two. */
export function keysOf(rules: readonly { id: string }[], prefix: string): string[] {
  const seen = new Map<string, number>();
  return rules.map(({ id }) => {
    const n = seen.get(id) ?? 0;
    seen.set(id, n + 1);
    return n === 0 ? `${prefix}/${id}` : `${prefix}/${id}/${n}`;
  });
}

export function RuleSection({ section, form, checked, open, onOpen, onForm }: Props) {
  const { t } = useTranslation();
  const labels = useLabels();
  const { readOnly, names, sentence } = useEditorScope();
  const rules = form[section];
  const kind = KIND[section];
  const keys = keysOf(rules, section);
  const put = (next: RuleForm[], touched = "") => onForm({ ...form, [section]: next }, touched);
  const add = () => {
    const n = rules.length + 1;
    const title = { zh: t("studio.newTitle.zh", { kind: t(`policy.${kind}`), n }), en: `${kind} ${n}` };
    const rule = newRule(form, section, title, usualLeaf(names));
    put([...rules, rule]);
    onOpen(`${section}/${rule.id}`);
  };
  const copy = (at: number) => {
    const rule = rules[at];
    if (!rule) return;
    const taken = SECTIONS.flatMap((one) => form[one].map((other) => other.id));
    const made = { ...rule, id: freshId(rule.id, taken), note: "" };
    put([...rules.slice(0, at + 1), made, ...rules.slice(at + 1)]);
    onOpen(`${section}/${made.id}`);
  };
  return (
    <section
      className={`qd-policy-section qd-policy-${kind}`}
      aria-label={t(`policy.${kind}`)}
      data-section={section}
    >
      <div className="qd-section-head">
        <h2>
          {t(`policy.${kind}`)} <span className="qd-muted">{rules.length}</span>
        </h2>
        <p className="qd-muted">{t(`policy.${kind}Text`)}</p>
        {!readOnly && (
          <Button size="small" icon={<PlusOutlined aria-hidden />} onClick={add} data-add={section}>
            {t(`studio.add.${section}`)}
          </Button>
        )}
      </div>
      <SortableList ids={keys} onMove={(from, to) => put(moved(rules, from, to))}>
        <ul className="qd-rule-cards">
          {rules.map((rule, at) => (
            <RuleCard
              key={keys[at]}
              id={keys[at] as string}
              section={section}
              rule={rule}
              sentence={labels.say(sentence(kind, rule.id, rule.condition))}
              problems={problemsAt(checked.problems, [section, at])}
              open={open === keys[at]}
              onOpen={onOpen}
              onChange={(next, touched) => {
                put(replaced(rules, at, next), touched);
                if (next.id !== rule.id) onOpen(`${section}/${next.id}`);
              }}
              onCopy={() => copy(at)}
              onRemove={() => put(without(rules, at))}
            />
          ))}
        </ul>
      </SortableList>
    </section>
  );
}
