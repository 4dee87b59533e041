import { Alert, App, Button, Progress } from "antd";
import { useCallback, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useSearchParams } from "react-router";
import { useLabels } from "../../app/catalogue";
import { useHotkeys } from "../../app/useHotkeys";
import { EmptyState } from "../../ui/EmptyState";
import { PageHeader } from "../../ui/PageHeader";
import { Problem } from "../../ui/Problem";
import { Deadline } from "../../ui/Time";
import { ReasonTags } from "../../ui/tags";
import { type Answer, AskDialog, type Asked } from "./AskDialog";
import type { QueueName } from "./api";
import { Card } from "./Card";
import { type Play, usePlay } from "./usePlay";
import "../orders/drawer.css";
import "./desk.css";

const KEYS: readonly { verdict: Asked | "release"; code: string; key: string }[] = [
  { verdict: "release", code: "KeyR", key: "R" },
  { verdict: "hold", code: "KeyH", key: "H" },
  { verdict: "exception", code: "KeyE", key: "E" },
  { verdict: "refuse", code: "KeyX", key: "X" },
  { verdict: "escalate", code: "KeyU", key: "U" },
  { verdict: "snooze", code: "KeyG", key: "G" },
  { verdict: "skip", code: "KeyS", key: "S" },
];

function Batch({ play }: { play: Play }) {
  const { t } = useTranslation();
  const labels = useLabels();
  return (
    <aside className="qd-play-batch" aria-label={t("desk.batch")}>
      <ol>
        {play.rows.map((row) => (
          <li key={row.id}>
            <button
              type="button"
              data-order={row.id}
              aria-current={row.id === play.current?.id ? "true" : undefined}
              onClick={() => play.choose(row.id)}
            >
              <span className="qd-num">{row.order_no}</span>
              <Deadline at={row.desk.due ?? row.due_at} bare />
              <span className="qd-muted">{labels.value("channel", row.channel)}</span>
              <ReasonTags ids={row.reasons} />
            </button>
          </li>
        ))}
      </ol>
    </aside>
  );
}

/** What the last verdict was, how to take it back, and what is still on its way. */
function Outcome({ play }: { play: Play }) {
  const { t } = useTranslation();
  const stuck = play.jobs.filter((job) => job.failures > 0);
  return (
    <div className="qd-play-outcome" role="status">
      {stuck.length > 0 && <span className="qd-amber">{t("desk.stuck", { count: stuck.length })}</span>}
      {stuck.length === 0 && play.given && (
        <>
          <span>
            {t("desk.given", { verdict: t(`desk.done.${play.given.verdict}`), number: play.given.orderNo })}
          </span>
          <Button size="small" type="link" onClick={() => void play.undo()}>
            {t("desk.undo")} <kbd>Z</kbd>
          </Button>
        </>
      )}
    </div>
  );
}

/** Play mode: a batch of orders, one before the person at a time, one key a verdict. */
export function PlayPage() {
  const { t } = useTranslation();
  const labels = useLabels();
  const { message } = App.useApp();
  const [address] = useSearchParams();
  const queue = (address.get("queue") ?? "all") as QueueName;
  const play = usePlay();
  const [asked, ask] = useState<Asked | null>(null);
  const [size, setSize] = useState(0);
  const { current } = play;

  useEffect(
    () => setSize((old) => (play.rows.length > old || play.total === 0 ? play.rows.length : old)),
    [play.rows.length, play.total],
  );
  useEffect(() => {
    if (!play.refusal) return;
    const { error } = play.refusal;
    message.warning(error.text(labels.language));
  }, [play.refusal, message, labels.language]);

  const start = useCallback(
    (verdict: Asked | "release") => {
      if (!current) return;
      if (verdict === "release") play.rule(current, { verdict, reason: "", hold: "time" });
      else ask(verdict);
    },
    [current, play],
  );
  const answered = (answer: Answer) => {
    if (!current || !asked) return;
    ask(null);
    if (asked === "skip") void play.skip(current, answer.code, answer.reason);
    else if (asked === "snooze") void play.snooze(current, answer.until ?? "", answer.reason);
    else
      play.rule(current, { verdict: asked, reason: answer.reason, hold: answer.hold, until: answer.until });
  };
  useHotkeys(
    [
      ...KEYS.map(({ verdict, code }) => {
        const give = (event: KeyboardEvent) => {
          event.preventDefault(); // or the letter lands in the field of the question that opens
          start(verdict);
        };
        return [code, give] as const;
      }),
      ["KeyJ", () => play.move(1)],
      ["KeyK", () => play.move(-1)],
      ["KeyZ", () => void play.undo()],
      ["KeyN", () => void play.claim(queue)],
    ],
    asked === null,
  );

  const done = Math.max(size - play.rows.length, 0);
  return (
    <div className="qd-play">
      <PageHeader
        title={t("desk.play")}
        note={
          size > 0 && (
            <span className="qd-play-progress">
              <Progress percent={(done / size) * 100} showInfo={false} size="small" />
              {t("desk.progress", { done, size })}
            </span>
          )
        }
        actions={
          <>
            <Outcome play={play} />
            {play.rows.length > 0 && (
              <Button onClick={() => void play.giveBack()}>{t("desk.giveBack")}</Button>
            )}
            <Link to="/desk">
              <Button tabIndex={-1}>{t("desk.toQueues")}</Button>
            </Link>
          </>
        }
      />
      {play.failed && <Problem error={play.failed} />}
      {play.trouble !== null && <Problem error={play.trouble} />}
      {play.refusal && (
        <Alert
          type="warning"
          showIcon
          closable={{ onClose: play.forgetRefusal }}
          title={t("desk.refused", {
            verdict: t(`desk.verdict.${play.refusal.verdict}`),
            number: play.refusal.orderNo,
          })}
          description={`${play.refusal.error.text(labels.language)}${play.refusal.error.advice(labels.language)}`}
          data-testid="refusal"
        />
      )}
      {!play.loading && current === null && (
        <section className="qd-panel">
          <EmptyState
            title={t("desk.emptyTitle")}
            text={t("desk.emptyText")}
            action={
              <Button type="primary" size="large" autoFocus onClick={() => void play.claim(queue)}>
                {t("desk.claim")} <kbd>N</kbd>
              </Button>
            }
          />
        </section>
      )}
      {current && (
        <div className="qd-play-body">
          <Batch play={play} />
          <Card row={current} />
          <div className="qd-play-bar" role="toolbar" aria-label={t("desk.verdicts")}>
            {KEYS.map(({ verdict, key }) => (
              <Button
                key={verdict}
                size="large"
                type={verdict === "release" ? "primary" : "default"}
                data-verdict={verdict}
                onClick={() => start(verdict)}
              >
                {t(`desk.verdict.${verdict}`)} <kbd>{key}</kbd>
              </Button>
            ))}
            <span className="qd-muted qd-play-hint">{t("desk.keys")}</span>
          </div>
        </div>
      )}
      {asked && current && (
        <AskDialog
          asked={asked}
          row={current}
          onAnswer={answered}
          onClose={() => ask(null)}
          key={current.id}
        />
      )}
    </div>
  );
}
