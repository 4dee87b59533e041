import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Alert, App, Button, Input, Select, Skeleton } from "antd";
import { useEffect, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import { usePreferences } from "../../app/preferences";
import { useRight } from "../../app/session";
import { duration } from "../../ui/format";
import { Problem } from "../../ui/Problem";
import { Time } from "../../ui/Time";
import { type CaseType, cases, type Sop } from "./api";
import { lineOf, stepIds } from "./places";
import { type Mark, SourceEditor } from "./SourceEditor";
import { useSetup } from "./useSetup";

const PAUSE_MS = 500;

function useChecked(source: string) {
  const check = useMutation({ mutationFn: cases.checkSop });
  const { mutate } = check;
  useEffect(() => {
    const timer = setTimeout(() => mutate(source), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [source, mutate]);
  return check;
}

/** What the text says: its steps in order, and how long each took lately. */
function Steps({ type, source, titles }: { type: string; source: string; titles: readonly string[] }) {
  const { t } = useTranslation();
  const { language } = usePreferences();
  const times = useQuery({ queryKey: ["cases", "times"], queryFn: ({ signal }) => cases.times(signal) });
  const ids = stepIds(source);
  return (
    <ol className="qd-sop-steps">
      {titles.map((title, number) => {
        const took = times.data?.find((one) => one.type === type && one.step === ids[number]);
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: two steps may have one title
          <li key={number}>
            <span>{title}</span>
            {took && (
              <small className="qd-muted">
                {t("cases.sop.took", {
                  median: duration(took.median_seconds * 1_000, language),
                  times: took.times,
                })}
              </small>
            )}
          </li>
        );
      })}
    </ol>
  );
}

function Editor({ kind, versions }: { kind: CaseType; versions: readonly Sop[] }) {
  const { t } = useTranslation();
  const { labels } = useSetup();
  const { message } = App.useApp();
  const client = useQueryClient();
  const right = useRight();
  const live = versions.find((one) => one.live) ?? versions[0];
  const [shown, setShown] = useState<Sop | undefined>(live);
  const [source, setSource] = useState(live?.source ?? "");
  const [note, setNote] = useState("");
  const check = useChecked(source);
  const faults = check.data?.faults ?? [];
  const marks = useMemo<Mark[]>(
    () =>
      (check.data?.faults ?? []).map((fault) => ({ line: lineOf(source, fault), text: labels.say(fault) })),
    [check.data, source, labels],
  );
  const publish = useMutation({
    mutationFn: () => cases.publishSop({ source, base: live?.version ?? 0, note: note.trim() }),
    onSuccess: async (made) => {
      message.success(t("cases.sop.published", { version: made.version }));
      await client.invalidateQueries({ queryKey: ["cases"] });
    },
  });
  const edits = right("sops.edit");
  const changed = source !== live?.source;
  return (
    <div className="qd-sop" data-testid="sop">
      <div className="qd-sop-main">
        <div className="qd-quick qd-sop-head">
          <Select
            value={shown?.id}
            aria-label={t("cases.sop.version")}
            onChange={(id) => {
              const found = versions.find((one) => one.id === id);
              setShown(found);
              setSource(found?.source ?? "");
            }}
            options={versions.map((one) => ({
              value: one.id,
              label: t(one.live ? "cases.sop.liveVersion" : "cases.sop.oldVersion", { version: one.version }),
            }))}
          />
          {shown && (
            <span className="qd-muted">
              {shown.created_by} <Time at={shown.created_at} as="short" /> {shown.note}
            </span>
          )}
        </div>
        <SourceEditor
          key={`${kind.key}-${shown?.id}`}
          source={source}
          marks={marks}
          readOnly={!edits}
          label={t("cases.sop.text")}
          onChange={setSource}
        />
        {faults.length > 0 && (
          <ul className="qd-faults" data-testid="faults">
            {faults.map((fault, number) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: faults come anew with each check
              <li key={number}>
                <span className="qd-red">{t("cases.sop.line", { line: lineOf(source, fault) })}</span>{" "}
                {labels.say(fault)}{" "}
                <span className="qd-muted">
                  {labels.say({ id: "", zh: fault.advice_zh, en: fault.advice_en } as never)}
                </span>
              </li>
            ))}
          </ul>
        )}
        {check.isError && <Problem error={check.error} />}
        {edits && changed && (
          <div className="qd-inline qd-sop-publish">
            <Input
              value={note}
              maxLength={200}
              placeholder={t("cases.sop.note")}
              aria-label={t("cases.sop.note")}
              onChange={(event) => setNote(event.target.value)}
            />
            <Button
              type="primary"
              disabled={check.isPending || faults.length > 0}
              loading={publish.isPending}
              onClick={() => publish.mutate()}
            >
              {t("cases.sop.publish")}
            </Button>
            <Button onClick={() => setShown(live)} hidden={shown?.live}>
              {t("action.cancel")}
            </Button>
          </div>
        )}
        {publish.isError && <Problem error={publish.error} />}
      </div>
      <aside className="qd-sop-side">
        <h3>{t("cases.sop.reads")}</h3>
        {check.data && (
          <Steps type={kind.key} source={source} titles={check.data.steps.map((one) => labels.say(one))} />
        )}
        <Alert type="info" title={t("cases.sop.effect")} />
        <h3>{t("cases.sop.howTitle")}</h3>
        <p className="qd-muted qd-sop-how">{t("cases.sop.how")}</p>
      </aside>
    </div>
  );
}

/** The steps of each case type as text, with their versions. */
export function SopTab() {
  const { t } = useTranslation();
  const { types, type } = useSetup();
  const [address, setAddress] = useSearchParams();
  const kind = types.find((one) => one.key === address.get("type")) ?? types[0];
  const versions = useQuery({
    queryKey: ["cases", "sops", kind?.key],
    queryFn: ({ signal }) => cases.sops(kind?.key ?? "", signal),
    enabled: kind !== undefined,
  });
  if (!kind) return <Skeleton active />;
  return (
    <div className="qd-desk">
      <nav className="qd-queues" aria-label={t("cases.byType")}>
        <ul>
          {types.map((one) => (
            <li key={one.key}>
              <a
                href={`?tab=steps&type=${one.key}`}
                aria-current={one.key === kind.key ? "page" : undefined}
                onClick={(event) => {
                  event.preventDefault();
                  setAddress({ tab: "steps", type: one.key });
                }}
              >
                {type(one.key)} <b className="qd-num">{t("cases.sop.short", { version: one.sop_version })}</b>
              </a>
            </li>
          ))}
        </ul>
      </nav>
      {versions.isError && <Problem error={versions.error} retry={versions.refetch} />}
      {versions.data ? (
        <Editor
          kind={kind}
          versions={versions.data}
          key={`${kind.key}-${versions.data.find((one) => one.live)?.id}`}
        />
      ) : (
        <Skeleton active paragraph={{ rows: 12 }} />
      )}
    </div>
  );
}
