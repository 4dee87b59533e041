import { CopyOutlined, DeleteOutlined, DownOutlined, UpOutlined } from "@ant-design/icons";
import { Button, Input, Tooltip } from "antd";
import { memo } from "react";
import { useTranslation } from "react-i18next";
import { useLabels } from "../../../app/catalogue";
import type { PolicyProblem } from "../api";
import type { RuleForm, Section } from "../model/form";
import { isError } from "../model/problems";
import { ConditionEditor } from "./ConditionEditor";
import { Field, LazyInput } from "./Field";
import { Problems } from "./Problems";
import { useEditorScope } from "./Scope";
import { useSorted } from "./SortableList";
import { suspectOf } from "./suspect";

interface Props {
  id: string;
  section: Section;
  rule: RuleForm;
  sentence: string;
  problems: readonly PolicyProblem[];
  open: boolean;
  onOpen: (id: string | null) => void;
  onChange: (rule: RuleForm, touched: string) => void;
  onCopy: () => void;
  onRemove: () => void;
}

/** One rule: its sentence, and opened, its parts. */
export const RuleCard = memo(function RuleCard(props: Props) {
  const { t } = useTranslation();
  const labels = useLabels();
  const { readOnly } = useEditorScope();
  const { id, section, rule, sentence, problems, open, onOpen, onChange, onCopy, onRemove } = props;
  const name = labels.say(rule.title) || rule.id;
  const sorted = useSorted(id, t("studio.drag.handle", { name }), readOnly);
  const errors = problems.some(isError);
  const retitle = (zh: string) =>
    onChange(
      { ...rule, title: { zh, en: rule.title.en === rule.title.zh ? zh : rule.title.en } },
      `${id}.title`,
    );
  return (
    <li
      ref={sorted.ref}
      style={sorted.style}
      className={`qd-panel qd-rule-card${open ? " qd-rule-card-open" : ""}${errors ? " qd-rule-card-wrong" : ""}${
        sorted.dragging ? " qd-dragging" : ""
      }`}
      data-rule={rule.id}
    >
      <div className="qd-rule-head">
        {sorted.handle}
        <h3>{name}</h3>
        <span className="qd-code qd-muted">{rule.id}</span>
        <span className="qd-rule-tools">
          {!readOnly && (
            <>
              <Tooltip title={t("studio.copy")}>
                <Button
                  type="text"
                  size="small"
                  icon={<CopyOutlined aria-hidden />}
                  aria-label={t("studio.copyNamed", { name })}
                  onClick={onCopy}
                />
              </Tooltip>
              <Tooltip title={t("studio.remove")}>
                <Button
                  type="text"
                  size="small"
                  icon={<DeleteOutlined aria-hidden />}
                  aria-label={t("studio.removeNamed", { name })}
                  onClick={onRemove}
                />
              </Tooltip>
            </>
          )}
          <Button
            type={open ? "default" : "text"}
            size="small"
            aria-expanded={open}
            aria-label={t(open ? "studio.foldNamed" : "studio.openNamed", { name })}
            icon={open ? <UpOutlined aria-hidden /> : <DownOutlined aria-hidden />}
            iconPlacement="end"
            onClick={() => onOpen(open ? null : id)}
          >
            {t(open ? "studio.fold" : readOnly ? "studio.look" : "studio.open")}
          </Button>
        </span>
      </div>
      {sentence && <p className="qd-sentence">{sentence}</p>}
      {open && (
        <div className="qd-rule-body">
          <ConditionEditor
            label={t(`studio.condition.${section}`)}
            value={rule.condition}
            suspect={suspectOf(problems)}
            onChange={(condition) => onChange({ ...rule, condition }, `${id}.condition`)}
          />
          <div className="qd-fields">
            <Field label={t("studio.titleZh")}>
              <LazyInput
                label={t("studio.titleZh")}
                value={rule.title.zh}
                onChange={retitle}
                maxLength={40}
              />
            </Field>
            <Field label={t("studio.titleEn")}>
              <LazyInput
                label={t("studio.titleEn")}
                value={rule.title.en}
                maxLength={60}
                onChange={(en) => onChange({ ...rule, title: { ...rule.title, en } }, `${id}.titleEn`)}
              />
            </Field>
            <Field label={t("studio.id")} hint={t("studio.idHint")}>
              <LazyInput
                label={t("studio.id")}
                value={rule.id}
                maxLength={40}
                onChange={(next) => onChange({ ...rule, id: next.trim() }, `${id}.id`)}
              />
            </Field>
            {section === "holds" && (
              <Field label={t("studio.until")} hint={t("studio.untilHint")} wide>
                <LazyInput
                  label={t("studio.until")}
                  value={rule.until ?? ""}
                  maxLength={200}
                  onChange={(until) => onChange({ ...rule, until: until.trim() || null }, `${id}.until`)}
                />
              </Field>
            )}
            <Field label={t("studio.note")} hint={t("studio.noteHint")} wide>
              <Input.TextArea
                aria-label={t("studio.note")}
                autoSize={{ minRows: 1, maxRows: 4 }}
                disabled={readOnly}
                value={rule.note}
                maxLength={1_000}
                onChange={(event) => onChange({ ...rule, note: event.target.value }, `${id}.note`)}
              />
            </Field>
          </div>
        </div>
      )}
      <Problems problems={problems} condition={rule.condition} />
    </li>
  );
});
