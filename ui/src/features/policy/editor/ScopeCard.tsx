import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useLabels } from "../../../app/catalogue";
import type { Checked } from "../api";
import type { Form } from "../model/form";
import { problemsAt } from "../model/problems";
import { emptyGroup } from "../model/tree";
import { ConditionEditor } from "./ConditionEditor";
import { Problems } from "./Problems";
import { useEditorScope } from "./Scope";
import { suspectOf } from "./suspect";

interface Props {
  form: Form;
  checked: Checked;
  onForm: (form: Form, touched?: string) => void;
}

/** Which orders the policy decides at all. */
export function ScopeCard({ form, checked, onForm }: Props) {
  const { t } = useTranslation();
  const labels = useLabels();
  const { sentence } = useEditorScope();
  const [open, setOpen] = useState(false);
  const problems = problemsAt(checked.problems, ["scope"]);
  const said = labels.say(sentence("scope", "scope", form.scope));
  return (
    <section className="qd-policy-section" aria-label={t("policy.scope")} data-section="scope">
      <div className="qd-panel qd-rule-card">
        <div className="qd-rule-head">
          <h2>{t("policy.scope")}</h2>
          <span className="qd-sentence-inline">{said || t("studio.scope.none")}</span>
          <span className="qd-rule-tools">
            <Button size="small" type="text" aria-expanded={open} onClick={() => setOpen(!open)}>
              {t(open ? "studio.fold" : "studio.open")}
            </Button>
          </span>
        </div>
        {open && (
          <div className="qd-rule-body">
            <ConditionEditor
              label={t("policy.scope")}
              value={form.scope ?? emptyGroup()}
              suspect={suspectOf(problems)}
              onChange={(scope) => onForm({ ...form, scope }, "scope")}
            />
          </div>
        )}
        <Problems problems={problems} condition={form.scope} />
      </div>
    </section>
  );
}
