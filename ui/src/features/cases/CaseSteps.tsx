import { CheckCircleFilled, MinusCircleOutlined, RightCircleFilled } from "@ant-design/icons";
import { Button, Input, Space } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useLabels } from "../../app/catalogue";
import { usePreferences } from "../../app/preferences";
import { duration } from "../../ui/format";
import { Problem } from "../../ui/Problem";
import { type Case, type CaseStep, cases, useAct } from "./api";
import { CauseSelect } from "./CauseSelect";

/** What has to be done elsewhere before the step counts, by what the step does. */
const ELSEWHERE = new Set(["contact", "address"]);
const NOTED = new Set(["note", "settle"]);

const MARKS = {
  done: <CheckCircleFilled aria-hidden className="qd-step-done" />,
  skipped: <MinusCircleOutlined aria-hidden />,
  now: <RightCircleFilled aria-hidden className="qd-step-now" />,
} as const;

/** What a choice changes and who has to agree, in a few words. */
function Effects({ choice }: { choice: CaseStep["choices"][number] }) {
  const { t } = useTranslation();
  const labels = useLabels();
  const said = [
    choice.decide && t("cases.decides", { what: t(`decide.action.${choice.decide}`) }),
    choice.outcome && t("cases.closesAs", { outcome: t(`cases.outcome.${choice.outcome}`) }),
    choice.approval.length > 0 &&
      t("cases.needsApproval", { who: choice.approval.map(labels.role).join(" → ") }),
  ].filter(Boolean);
  return said.length > 0 ? <small className="qd-muted">{said.join(" · ")}</small> : null;
}

function DoStep({ shown, step, goTo }: { shown: Case; step: CaseStep; goTo: (tab: string) => void }) {
  const { t } = useTranslation();
  const labels = useLabels();
  const [note, setNote] = useState("");
  const [cause, setCause] = useState<string | null>(shown.cause);
  const act = useAct(
    (more: { choice?: string; skip?: boolean }) =>
      cases.step(shown.id, {
        version: shown.version,
        step: step.id,
        choice: more.choice ?? null,
        skip: more.skip ?? false,
        note: note.trim(),
        cause: step.do === "cause" ? cause : null,
        order_version: shown.order_version,
      }),
    () => setNote(""),
  );
  if (!step.mine) {
    return (
      <p className="qd-step-whose">
        {t("cases.stepFor", { who: step.who.map(labels.role).join(t("cases.listMark")) })}
      </p>
    );
  }
  const wanting = (NOTED.has(step.do) && !note.trim()) || (step.do === "cause" && !cause);
  return (
    <div className="qd-step-act">
      {step.help && <p className="qd-muted">{labels.say(step.help)}</p>}
      {ELSEWHERE.has(step.do) && (
        <p>
          {t(`cases.first.${step.do}`)}{" "}
          <Button type="link" size="small" onClick={() => goTo(step.do)}>
            {t(`cases.tab.${step.do}`)}
          </Button>
        </p>
      )}
      {step.do === "cause" && (
        <CauseSelect causes={shown.causes} type={shown.type} value={cause} onChange={setCause} />
      )}
      <Input.TextArea
        autoSize={{ minRows: 1, maxRows: 4 }}
        value={note}
        maxLength={2000}
        placeholder={t(NOTED.has(step.do) ? "cases.noteNeeded" : "cases.note")}
        aria-label={t("cases.noteLabel")}
        onChange={(event) => setNote(event.target.value)}
      />
      <Space wrap align="start" size={[12, 8]}>
        {step.choices.length > 0 ? (
          step.choices.map((choice) => (
            <span key={choice.id} className="qd-choice">
              <Button
                data-choice={choice.id}
                disabled={wanting}
                loading={act.isPending}
                onClick={() => act.mutate({ choice: choice.id })}
              >
                {labels.say(choice.title)}
              </Button>
              <Effects choice={choice} />
            </span>
          ))
        ) : (
          <Button
            type="primary"
            data-choice="done"
            disabled={wanting}
            loading={act.isPending}
            onClick={() => act.mutate({})}
          >
            {t(step.do === "wait" ? "cases.waitOver" : "cases.stepDone")}
          </Button>
        )}
        {step.optional && (
          <Button type="text" onClick={() => act.mutate({ skip: true })}>
            {t("cases.skipStep")}
          </Button>
        )}
      </Space>
      {act.isError && <Problem error={act.error} />}
    </div>
  );
}

/** What waits for the second person, and her answer. */
function Approving({ shown, me }: { shown: Case; me: number | null }) {
  const { t } = useTranslation();
  const labels = useLabels();
  const [note, setNote] = useState("");
  const approval = shown.approval;
  const approve = useAct(() =>
    cases.approve(shown.id, {
      version: shown.version,
      order_version: shown.order_version,
      note: note.trim(),
    }),
  );
  const refuse = useAct(() => cases.refuse(shown.id, { version: shown.version, note: note.trim() }));
  if (!approval) return null;
  const choice = shown.steps
    .find((step) => step.id === approval.step)
    ?.choices.find((one) => one.id === approval.choice);
  const own = approval.asked_by.id === me;
  return (
    <div className="qd-approving" data-testid="approval">
      <p>
        <b>{t("cases.asks", { name: approval.asked_by.name, what: labels.say(choice?.title) })}</b>
        {approval.note && <span> {approval.note}</span>}
      </p>
      <ol className="qd-path">
        {approval.path.map((role, turn) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the same role may have to agree twice
          <li key={`${turn}-${role}`} data-given={turn < approval.given.length}>
            {labels.role(role)}{" "}
            {turn < approval.given.length
              ? t("cases.agreed", { name: String(approval.given[turn]?.name ?? "") })
              : turn === approval.given.length
                ? t("cases.turn")
                : ""}
          </li>
        ))}
      </ol>
      {approval.mine && (
        <Input.TextArea
          autoSize={{ minRows: 1, maxRows: 4 }}
          value={note}
          placeholder={t("cases.approveNote")}
          aria-label={t("cases.noteLabel")}
          onChange={(event) => setNote(event.target.value)}
        />
      )}
      <Space>
        {approval.mine && (
          <Button type="primary" loading={approve.isPending} onClick={() => approve.mutate(undefined)}>
            {t("cases.approve")}
          </Button>
        )}
        {approval.mine && (
          <Button
            danger
            disabled={!note.trim()}
            loading={refuse.isPending}
            onClick={() => refuse.mutate(undefined)}
          >
            {t("cases.refuse")}
          </Button>
        )}
        {own && (
          <Button loading={refuse.isPending} onClick={() => refuse.mutate(undefined)}>
            {t("cases.takeBack")}
          </Button>
        )}
      </Space>
      {(approve.error ?? refuse.error) && <Problem error={approve.error ?? refuse.error} />}
    </div>
  );
}

interface Props {
  shown: Case;
  /** Whether the person may work on cases at all. */
  works: boolean;
  me: number | null;
  goTo: (tab: string) => void;
}

/** The steps of a case, one after the other: those done with who and how long, the one to do, those ahead. */
export function CaseSteps({ shown, works, me, goTo }: Props) {
  const { t } = useTranslation();
  const labels = useLabels();
  const { language } = usePreferences();
  return (
    <ol className="qd-steps" data-testid="steps">
      {shown.steps.map((step) => {
        const now = step.state === "now" && shown.state !== "closed";
        const choice = step.choices.find((one) => one.id === step.choice);
        return (
          <li
            key={step.id}
            data-step={step.id}
            data-state={step.state}
            aria-current={now ? "step" : undefined}
          >
            <span className="qd-step-mark">
              {MARKS[step.state as keyof typeof MARKS] ?? <i aria-hidden />}
            </span>
            <div>
              <p className="qd-step-title">
                <span>{labels.say(step.title)}</span>
                {choice && <span className="qd-tag">{labels.say(choice.title)}</span>}
                {step.state === "skipped" && <span className="qd-muted">{t("cases.skipped")}</span>}
                {step.by && (
                  <small className="qd-muted">
                    {step.by}
                    {step.worked_seconds !== null &&
                      ` · ${t("cases.took", { length: duration(step.worked_seconds * 1_000, language) })}`}
                  </small>
                )}
                {step.state === "ahead" && step.minutes !== null && (
                  <small className="qd-muted">{t("cases.about", { minutes: step.minutes })}</small>
                )}
              </p>
              {step.note && <p className="qd-muted">{step.note}</p>}
              {now && shown.approval && <Approving shown={shown} me={me} />}
              {now && !shown.approval && works && (
                <DoStep shown={shown} step={step} goTo={goTo} key={`${step.id}-${shown.reopened}`} />
              )}
            </div>
          </li>
        );
      })}
    </ol>
  );
}
