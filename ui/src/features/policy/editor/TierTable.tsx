import { DeleteOutlined, DownOutlined, PlusOutlined, UpOutlined } from "@ant-design/icons";
import { Button, Segmented, Select, Tooltip } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useLabels } from "../../../app/catalogue";
import type { PolicyProblem } from "../api";
import { freshId, moved, replaced, type TierForm, without } from "../model/form";
import { usualLeaf } from "../model/operators";
import { isError, problemsAt } from "../model/problems";
import { asGroup } from "../model/tree";
import { ConditionEditor } from "./ConditionEditor";
import { DeadlineEditor } from "./DeadlineEditor";
import { LazyInput } from "./Field";
import { GridEditor } from "./GridEditor";
import { Problems } from "./Problems";
import { keysOf } from "./RuleSection";
import { useEditorScope } from "./Scope";
import { SortableList, useSorted } from "./SortableList";
import { suspectOf } from "./suspect";
import type { Editor } from "./useEditor";

const OWNERS = ["supervisor", "front_line", "risk", "finance", "warehouse"] as const;
const TIERS = ["urgent", "regular", "exception"] as const;

interface RowProps {
  id: string;
  at: number;
  tier: TierForm;
  sentence: string;
  problems: readonly PolicyProblem[];
  open: boolean;
  onOpen: (open: boolean) => void;
  onChange: (tier: TierForm, touched: string) => void;
  onRemove: () => void;
}

function Row({ id, at, tier, sentence, problems, open, onOpen, onChange, onRemove }: RowProps) {
  const { t } = useTranslation();
  const labels = useLabels();
  const { readOnly } = useEditorScope();
  const name = labels.say(tier.title) || tier.id;
  const last = tier.condition === null;
  const sorted = useSorted(id, t("studio.drag.handle", { name }), readOnly || last);
  const wrong = problems.some(isError) ? " qd-grid-wrong" : problems.length > 0 ? " qd-grid-warned" : "";
  const title = tier.title ?? { zh: tier.id, en: tier.id };
  return (
    <tbody
      ref={sorted.ref}
      style={sorted.style}
      className={`${sorted.dragging ? "qd-dragging" : ""}${wrong}`}
      data-tier={tier.id}
    >
      <tr>
        <td className="qd-grid-at">
          {sorted.handle}
          {at + 1}
        </td>
        <td>
          <Select
            className="qd-grid-select"
            aria-label={t("studio.tier.id", { n: at + 1 })}
            disabled={readOnly}
            value={tier.id}
            options={[...new Set([...TIERS, tier.id])].map((one) => ({
              value: one,
              label: labels.tier(one) || one,
            }))}
            onChange={(next: string) => {
              const said = { zh: labels.tier(next) || next, en: next };
              onChange({ ...tier, id: next, title: tier.title ?? said }, "");
            }}
          />
        </td>
        <td>
          <LazyInput
            label={t("studio.tier.title", { n: at + 1 })}
            value={title.zh}
            maxLength={40}
            onChange={(zh) =>
              onChange({ ...tier, title: { zh, en: title.en === title.zh ? zh : title.en } }, `${id}.title`)
            }
          />
        </td>
        <td className="qd-grid-when">
          {last ? (
            <span className="qd-muted">{t("studio.tier.else")}</span>
          ) : (
            <button
              type="button"
              className="qd-grid-cell"
              aria-expanded={open}
              onClick={() => onOpen(!open)}
              data-cell="when"
            >
              <span>{sentence || t("studio.tier.noCondition")}</span>
              {open ? <UpOutlined aria-hidden /> : <DownOutlined aria-hidden />}
            </button>
          )}
        </td>
        <td>
          <Select
            className="qd-grid-select"
            aria-label={t("studio.tier.owner", { n: at + 1 })}
            disabled={readOnly}
            value={tier.owner}
            options={OWNERS.map((one) => ({ value: one, label: t(`studio.owner.${one}`) }))}
            onChange={(owner: string) => onChange({ ...tier, owner }, "")}
          />
        </td>
        <td>
          <DeadlineEditor
            label={t("studio.tier.respond", { n: at + 1 })}
            value={tier.respond}
            onChange={(respond) => onChange({ ...tier, respond }, `${id}.respond`)}
          />
        </td>
        <td>
          <DeadlineEditor
            label={t("studio.tier.resolve", { n: at + 1 })}
            value={tier.resolve}
            sameDay
            onChange={(resolve) => onChange({ ...tier, resolve }, `${id}.resolve`)}
          />
        </td>
        <td className="qd-grid-tools">
          {!readOnly && !last && (
            <Tooltip title={t("studio.remove")}>
              <Button
                type="text"
                size="small"
                icon={<DeleteOutlined aria-hidden />}
                aria-label={t("studio.removeNamed", { name })}
                onClick={onRemove}
              />
            </Tooltip>
          )}
        </td>
      </tr>
      {open && tier.condition && (
        <tr>
          <td />
          <td colSpan={7}>
            <ConditionEditor
              label={t("studio.condition.tiers")}
              value={tier.condition}
              builtins
              suspect={suspectOf(problems)}
              onChange={(condition) => onChange({ ...tier, condition }, `${id}.condition`)}
            />
          </td>
        </tr>
      )}
      {problems.length > 0 && (
        <tr>
          <td />
          <td colSpan={7}>
            <Problems problems={problems} condition={tier.condition} />
          </td>
        </tr>
      )}
    </tbody>
  );
}

/** The tier table as a grid: first row that holds decides; the last takes every other order. */
export function TierTable({ editor }: { editor: Editor }) {
  const { form, checked, change: onForm } = editor;
  const { t } = useTranslation();
  const labels = useLabels();
  const { readOnly, names, sentence } = useEditorScope();
  const [open, setOpen] = useState<string | null>(null);
  const [sheet, setSheet] = useState(false);
  const tiers = form.tiers;
  const keys = keysOf(tiers, "tiers");
  const put = (next: TierForm[], touched = "") => onForm({ ...form, tiers: next }, touched);
  const last = tiers.at(-1)?.condition === null ? tiers.length - 1 : tiers.length;
  const tierId = (usual: readonly string[]) => {
    const taken = tiers.map((tier) => tier.id);
    return usual.find((one) => !taken.includes(one)) ?? freshId("tier", taken);
  };
  const titled = (id: string) => ({ zh: labels.tier(id) || id, en: labels.tier(id) || id });
  const add = () => {
    const id = tierId(["urgent", "exception"]);
    const made: TierForm = {
      id,
      title: titled(id),
      condition: asGroup(usualLeaf(names)),
      owner: "front_line",
      respond: null,
      resolve: null,
      note: "",
    };
    put([...tiers.slice(0, last), made, ...tiers.slice(last)]);
    setOpen(`tiers/${id}`);
  };
  const addLast = () => {
    const id = tierId(["regular"]);
    put([
      ...tiers,
      { id, title: titled(id), condition: null, owner: "front_line", respond: null, resolve: null, note: "" },
    ]);
  };
  const move = (from: number, to: number) => put(moved(tiers, from, Math.min(to, last - 1)));
  const heads = ["tier", "name", "when", "owner", "respond", "resolve"] as const;
  return (
    <section className="qd-policy-section" aria-label={t("policy.tiers")} data-section="tiers">
      <div className="qd-section-head">
        <h2>{t("policy.tiers")}</h2>
        <p className="qd-muted">{t("policy.tiersText")}</p>
        <Segmented
          size="small"
          aria-label={t("studio.tier.view")}
          value={sheet ? "sheet" : "rows"}
          options={[
            { value: "rows", label: t("studio.tier.asRows") },
            { value: "sheet", label: t("studio.tier.asSheet") },
          ]}
          onChange={(view) => setSheet(view === "sheet")}
        />
        {!readOnly && !sheet && (
          <>
            {last === tiers.length && (
              <Button size="small" onClick={addLast} data-add="else">
                {t("studio.add.else")}
              </Button>
            )}
            <Button size="small" icon={<PlusOutlined aria-hidden />} onClick={add} data-add="tiers">
              {t("studio.add.tiers")}
            </Button>
          </>
        )}
      </div>
      {sheet ? (
        <GridEditor
          table="tiers"
          source={editor.source}
          pending={editor.pending}
          problemsOf={(row) => problemsAt(checked.problems, ["tiers", row])}
          onSource={editor.type}
        />
      ) : (
        <SortableList ids={keys.slice(0, last)} onMove={move}>
          <div className="qd-panel qd-grid">
            <table>
              <thead>
                <tr>
                  <th scope="col">
                    <span className="qd-visually-hidden">{t("studio.grid.order")}</span>#
                  </th>
                  {heads.map((key) => (
                    <th key={key} scope="col">
                      {t(`studio.grid.${key}`)}
                    </th>
                  ))}
                  <td />
                </tr>
              </thead>
              {tiers.map((tier, at) => (
                <Row
                  key={keys[at]}
                  id={keys[at] as string}
                  at={at}
                  tier={tier}
                  sentence={labels.say(sentence("tier", tier.id, tier.condition))}
                  problems={problemsAt(checked.problems, ["tiers", at])}
                  open={open === keys[at]}
                  onOpen={(show) => setOpen(show ? (keys[at] as string) : null)}
                  onChange={(next, touched) => {
                    put(replaced(tiers, at, next), touched);
                    if (next.id !== tier.id && open === keys[at]) setOpen(`tiers/${next.id}`);
                  }}
                  onRemove={() => put(without(tiers, at))}
                />
              ))}
            </table>
            {tiers.length === 0 && <p className="qd-muted qd-grid-empty">{t("studio.tier.none")}</p>}
          </div>
        </SortableList>
      )}
      <Problems
        problems={problemsAt(checked.problems, ["tiers"]).filter((problem) => problem.path.length === 1)}
      />
    </section>
  );
}
