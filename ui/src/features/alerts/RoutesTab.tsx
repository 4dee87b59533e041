import { ArrowDownOutlined, ArrowUpOutlined, DeleteOutlined } from "@ant-design/icons";
import { Alert, Button, InputNumber, Select } from "antd";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useLabels } from "../../app/catalogue";
import { usePreferences } from "../../app/preferences";
import { OWNERS } from "../people/api";
import { useSave } from "../people/useSave";
import { alerts, type Route, type Settings, type Step } from "./api";

const FRESH: Route = { kinds: [], tiers: [], roles: [], steps: [{ outlet: null, role: "", after: 0 }] };
const MOST_STEPS = 6;

/** Which alerts go where: the first that matches decides; each step waits for nobody having taken note. */
export function RoutesTab({ settings }: { settings: Settings }) {
  const { t } = useTranslation();
  const [draft, setDraft] = useState<Route[]>(settings.routes);
  const saved = JSON.stringify(settings.routes);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what was saved replaces the draft, and nothing else does
  useEffect(() => setDraft(settings.routes), [saved]);
  const save = useSave(alerts.saveRoutes);
  const put = (index: number, part: Partial<Route>) =>
    setDraft(draft.map((route, n) => (n === index ? { ...route, ...part } : route)));
  const move = (index: number, by: number) => {
    const next = [...draft];
    const [taken] = next.splice(index, 1);
    if (taken) next.splice(index + by, 0, taken);
    setDraft(next);
  };
  const changed = JSON.stringify(draft) !== saved;
  return (
    <section className="qd-panel qd-alerts" aria-label={t("alerts.tab.routes")}>
      <ol className="qd-routes" data-testid="routes">
        {draft.map((route, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a route is known by its place
          <li key={index} className="qd-route">
            <b className="qd-route-no">{index + 1}</b>
            <When route={route} settings={settings} onChange={(part) => put(index, part)} />
            <Steps steps={route.steps} settings={settings} onChange={(steps) => put(index, { steps })} />
            <div className="qd-route-tools">
              <Button
                size="small"
                type="text"
                icon={<ArrowUpOutlined />}
                disabled={index === 0}
                aria-label={t("alerts.route.up")}
                onClick={() => move(index, -1)}
              />
              <Button
                size="small"
                type="text"
                icon={<ArrowDownOutlined />}
                disabled={index === draft.length - 1}
                aria-label={t("alerts.route.down")}
                onClick={() => move(index, 1)}
              />
              <Button
                size="small"
                type="text"
                danger
                icon={<DeleteOutlined />}
                aria-label={t("alerts.route.remove")}
                onClick={() => setDraft(draft.filter((_, n) => n !== index))}
              />
            </div>
          </li>
        ))}
        <li className="qd-route qd-route-usual">
          <b className="qd-route-no">{draft.length + 1}</b>
          <span>{t(draft.length === 0 ? "alerts.route.usualAll" : "alerts.route.usual")}</span>
          <span className="qd-muted">{t("alerts.route.usualText")}</span>
        </li>
      </ol>
      <div className="qd-people-tools qd-route-foot">
        <Button type="dashed" onClick={() => setDraft([...draft, structuredClone(FRESH)])}>
          {t("alerts.route.add")}
        </Button>
        <span className="qd-people-gap" />
        {changed && <Button onClick={() => setDraft(settings.routes)}>{t("alerts.route.discard")}</Button>}
        <Button
          type="primary"
          disabled={!changed}
          loading={save.isPending}
          onClick={() => save.mutate(draft)}
        >
          {t("people.save")}
        </Button>
      </div>
      {settings.outlets.length === 0 && (
        <Alert type="info" showIcon className="qd-alert-hint" title={t("alerts.route.noOutlet")} />
      )}
    </section>
  );
}

interface WhenProps {
  route: Route;
  settings: Settings;
  onChange: (part: Partial<Route>) => void;
}

function When({ route, settings, onChange }: WhenProps) {
  const { t } = useTranslation();
  const { language } = usePreferences();
  const labels = useLabels();
  return (
    <div className="qd-route-when">
      <div>
        <span className="qd-muted">{t("alerts.route.kinds")}</span>
        <Select
          aria-label={t("alerts.route.kinds")}
          mode="multiple"
          maxTagCount="responsive"
          value={route.kinds}
          placeholder={t("alerts.route.any")}
          options={settings.kinds.map((kind) => ({ value: kind.id, label: kind[language] }))}
          onChange={(kinds) => onChange({ kinds })}
        />
      </div>
      <div>
        <span className="qd-muted">{t("alerts.route.tiers")}</span>
        <Select
          aria-label={t("alerts.route.tiers")}
          mode="multiple"
          maxTagCount="responsive"
          value={route.tiers}
          placeholder={t("alerts.route.any")}
          options={labels.options("tiers")}
          onChange={(tiers) => onChange({ tiers })}
        />
      </div>
      <div>
        <span className="qd-muted">{t("alerts.route.roles")}</span>
        <Select
          aria-label={t("alerts.route.roles")}
          mode="multiple"
          maxTagCount="responsive"
          value={route.roles}
          placeholder={t("alerts.route.any")}
          options={OWNERS.map((role) => ({ value: role, label: labels.role(role) }))}
          onChange={(roles) => onChange({ roles })}
        />
      </div>
    </div>
  );
}

interface StepsProps {
  steps: readonly Step[];
  settings: Settings;
  onChange: (steps: Step[]) => void;
}

function Steps({ steps, settings, onChange }: StepsProps) {
  const { t } = useTranslation();
  const labels = useLabels();
  const put = (index: number, part: Partial<Step>) =>
    onChange(steps.map((step, n) => (n === index ? { ...step, ...part } : step)));
  const outlets = [
    { value: 0, label: t("alerts.route.page") },
    ...settings.outlets.filter((one) => one.active).map(({ id, name }) => ({ value: id, label: name })),
  ];
  const roles = [
    { value: "", label: t("alerts.route.ownRole") },
    ...OWNERS.map((role) => ({ value: role as string, label: labels.role(role) })),
  ];
  return (
    <ol className="qd-steps">
      {steps.map((step, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a step is known by its place
        <li key={index}>
          {index === 0 ? (
            <span className="qd-step-when">{t("alerts.route.now")}</span>
          ) : (
            <InputNumber
              className="qd-step-when"
              min={0}
              max={10080}
              value={step.after}
              suffix={t("alerts.route.minutes")}
              aria-label={t("alerts.route.after")}
              onChange={(after) => put(index, { after: after ?? 0 })}
            />
          )}
          <Select
            value={step.outlet ?? 0}
            options={outlets}
            aria-label={t("alerts.route.through")}
            onChange={(outlet) => put(index, { outlet: outlet === 0 ? null : outlet })}
          />
          <Select
            value={step.role}
            options={roles}
            aria-label={t("alerts.route.calls")}
            onChange={(role) => put(index, { role })}
          />
          {index > 0 && (
            <Button
              size="small"
              type="text"
              icon={<DeleteOutlined />}
              aria-label={t("alerts.route.removeStep")}
              onClick={() => onChange(steps.filter((_, n) => n !== index))}
            />
          )}
        </li>
      ))}
      {steps.length < MOST_STEPS && (
        <li>
          <Button
            size="small"
            type="link"
            onClick={() =>
              onChange([
                ...steps,
                { outlet: null, role: "supervisor", after: (steps.at(-1)?.after ?? 0) + 30 },
              ])
            }
          >
            {t("alerts.route.addStep")}
          </Button>
        </li>
      )}
    </ol>
  );
}
