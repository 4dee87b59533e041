import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { App, Button, Input, Skeleton, Steps } from "antd";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useNavigate, useParams } from "react-router";
import { PageHeader } from "../../ui/PageHeader";
import { Problem, ProblemText, useProblem } from "../../ui/Problem";
import { type Chosen, type Draft, type Look, mappings, type Place } from "./api";
import { CheckStep, Figures, Working } from "./CheckStep";
import { ColumnsStep } from "./ColumnsStep";
import { TableLocked } from "./TableLocked";
import { useCheck, useLook } from "./useWizard";
import { WordsStep } from "./WordsStep";
import "./mapping.css";

const STEPS = ["columns", "words", "check"] as const;

interface WizardProps {
  place: Place;
  look: Look;
  loading: boolean;
  onLook: (chosen: Chosen) => void;
}

/** Name that a mapping is proposed under: the table's own, without its archive and its ending. */
const nameOf = (file: string) => (file.split(/ › |\//).pop() ?? file).replace(/\.[^.]+$/, "");

function Wizard({ place, look, loading, onLook }: WizardProps) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const problem = useProblem();
  const navigate = useNavigate();
  const client = useQueryClient();
  const [step, setStep] = useState(0);
  const [draft, setDraft] = useState<Draft>(look.draft);
  const [name, setName] = useState(nameOf(look.file));
  useEffect(() => setDraft(look.draft), [look.draft]);
  useEffect(() => setName(nameOf(look.file)), [look.file]);
  const fields = useQuery({
    queryKey: ["mapping", "fields"],
    queryFn: ({ signal }) => mappings.fields(signal),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const table: Place = { ...place, inner: look.inner };
  const { check, stale, error } = useCheck(table, draft, look.quick || step > 0);
  const result = check?.result ?? undefined;
  const numbered = Object.values(draft.columns).includes("order_no");
  const save = useMutation({
    mutationFn: () => mappings.save(name.trim(), result?.body ?? {}, place),
    onSuccess: async (saved) => {
      message.success(t("mapping.saved", { name: saved.mapping.name }));
      await client.invalidateQueries({ queryKey: ["imports"] });
      await client.invalidateQueries({ queryKey: ["mappings"] });
      navigate(`/imports?import=${saved.import_id ?? place.import_id}`);
    },
    onError: (failed) => {
      const said = problem(failed);
      message.error(`${said.text} ${said.advice}`);
    },
  });
  const ready = result !== undefined && !stale && result.orders > 0 && name.trim() !== "";
  const last = step === STEPS.length - 1;
  return (
    <div className="qd-panel qd-map" data-testid="mapping" data-step={STEPS[step]} aria-busy={loading}>
      <Steps
        size="small"
        current={step}
        onChange={(next) => numbered && setStep(next)}
        items={STEPS.map((key) => ({ title: t(`mapping.step.${key}`) }))}
      />
      <div className="qd-map-state">
        {!numbered && <span className="qd-amber">{t("mapping.needNumber")}</span>}
        {numbered && error !== null && error !== undefined && !stale && <Problem error={error} />}
        {numbered && check?.error && <ProblemText problem={check.error} />}
        {numbered && check && !["done", "failed"].includes(check.state) && <Working check={check} />}
        {numbered && result && !error && <Figures result={result} stale={stale} />}
        {numbered && !check && !error && (
          <span className="qd-muted">
            {t(look.quick || step > 0 ? "mapping.checking" : "mapping.largeFile")}
          </span>
        )}
      </div>
      {step === 0 && (
        <ColumnsStep look={look} fields={fields.data} draft={draft} onDraft={setDraft} onLook={onLook} />
      )}
      {step === 1 && result && <WordsStep draft={draft} words={result.words} onDraft={setDraft} />}
      {step === 2 && result && <CheckStep result={result} />}
      {step > 0 && !result && !error && <Skeleton active />}
      <footer className="qd-map-foot">
        <Link to={`/imports?import=${place.import_id}`}>{t("mapping.leave")}</Link>
        <span className="qd-map-actions">
          {step > 0 && <Button onClick={() => setStep(step - 1)}>{t("mapping.back")}</Button>}
          {!last && (
            <Button type="primary" disabled={!numbered} onClick={() => setStep(step + 1)}>
              {t("mapping.next")}
            </Button>
          )}
          {last && (
            <>
              <div className="qd-map-name">
                <span>{t("mapping.name")}</span>
                <Input
                  aria-label={t("mapping.name")}
                  value={name}
                  maxLength={80}
                  onChange={(event) => setName(event.target.value)}
                  onPressEnter={() => ready && save.mutate()}
                />
              </div>
              <Button type="primary" disabled={!ready} loading={save.isPending} onClick={() => save.mutate()}>
                {t("mapping.save")}
              </Button>
            </>
          )}
        </span>
      </footer>
    </div>
  );
}

/** A table that nobody described, described by a person: its columns, its words, and what it becomes. */
export function MappingPage() {
  const { t } = useTranslation();
  const params = useParams();
  const place: Place = { import_id: Number(params.import), file: Number(params.file) };
  const [chosen, setChosen] = useState<Chosen>({});
  const look = useLook(place, chosen);
  return (
    <>
      <PageHeader
        title={t("mapping.title")}
        note={look.data?.file}
        actions={<Link to="/mappings">{t("mapping.listTitle")}</Link>}
      />
      {look.isPending && <Skeleton active paragraph={{ rows: 12 }} />}
      {look.isError && (
        <TableLocked
          error={look.error}
          busy={look.isFetching}
          onPassword={(password) => setChosen({ ...chosen, password })}
          otherwise={<Problem error={look.error} retry={look.refetch} />}
        />
      )}
      {look.data && !look.isError && (
        <Wizard place={place} look={look.data} loading={look.isPlaceholderData} onLook={setChosen} />
      )}
    </>
  );
}
