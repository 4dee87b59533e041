import { useMutation, useQueryClient } from "@tanstack/react-query";
import { App, Button, Progress } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { api } from "../../api";
import type { ImportFile, ImportJob } from "../../api/types";
import { useLabels } from "../../app/catalogue";
import { bytes, count } from "../../ui/format";
import { ProblemText, useProblem } from "../../ui/Problem";
import { Time } from "../../ui/Time";
import { ReasonName } from "../../ui/tags";
import { MapFile, UnknownWords } from "../mapping/UnknownWords";
import { type Filters, ordersPath } from "../orders/query";
import { Passwords } from "./Passwords";
import { Refused } from "./Refused";
import { StateTag } from "./StateTag";
import { running, undoing } from "./states";
import { Undo } from "./Undo";

function FileRow({ job, file }: { job: ImportJob; file: ImportFile }) {
  const { t } = useTranslation();
  const labels = useLabels();
  const kind = [
    file.channel && labels.value("channel", file.channel),
    file.kind && t(`imports.kind.${file.kind}`, { defaultValue: file.kind }),
  ];
  return (
    <li>
      <span className="qd-file-name">
        <span className="qd-ellipsis" title={file.name}>
          {file.name}
        </span>
        <small className="qd-muted">{[bytes(file.size), ...kind].filter(Boolean).join(" · ")}</small>
      </span>
      <span>
        {file.error ? (
          <ProblemText problem={file.error} />
        ) : (
          <span className="qd-muted">
            {file.state !== "done"
              ? t(`imports.fileState.${file.state}`, { defaultValue: file.state })
              : t("imports.fileDone", { rows: count(file.rows ?? 0), orders: count(file.orders ?? 0) })}
            {file.refused ? ` · ${t("imports.fileRefused", { n: count(file.refused) })}` : ""}
          </span>
        )}
        <MapFile job={job} file={file} />
      </span>
      <StateTag state={file.error && file.state !== "needs_password" ? "failed" : file.state} />
    </li>
  );
}

interface SplitProps {
  title: string;
  counts: Record<string, number> | undefined;
  label: (id: string) => ReactNode;
  filter: (id: string) => Filters;
}

function Split({ title, counts, label, filter }: SplitProps) {
  const entries = Object.entries(counts ?? {})
    .filter(([, n]) => n > 0)
    .sort((a, b) => b[1] - a[1]);
  if (entries.length === 0) return null;
  return (
    <div>
      <h3>{title}</h3>
      <ul>
        {entries.map(([id, n]) => (
          <li key={id}>
            <Link to={ordersPath(filter(id))}>
              <span>{label(id)}</span>
              <b className="qd-num">{count(n)}</b>
            </Link>
          </li>
        ))}
      </ul>
    </div>
  );
}

function Results({ job }: { job: ImportJob }) {
  const { t } = useTranslation();
  const labels = useLabels();
  const written = job.new + job.changed;
  // An order that stood there just so keeps the import that changed it last, so only then are the parts this import's.
  const mine: Filters = written === job.orders ? { import: String(job.id) } : {};
  const figures = [
    ["orders", job.orders],
    ["new", job.new],
    ["changed", job.changed],
    ["unchanged", job.unchanged],
    ["refused", job.refused],
  ] as const;
  return (
    <>
      <dl className="qd-import-figures">
        {figures.map(([key, n]) => (
          <div key={key}>
            <dt>{t(`imports.figure.${key}`)}</dt>
            <dd
              className={key === "refused" && n > 0 ? "qd-num qd-red" : "qd-num"}
              data-testid={`figure-${key}`}
              data-value={n}
            >
              {count(n)}
            </dd>
          </div>
        ))}
      </dl>
      {job.refused > 0 && <Refused job={job} />}
      {written > 0 && (
        <p className="qd-written">
          <Link to={ordersPath({ import: String(job.id) })} data-testid="written">
            {t("imports.written", { n: count(written) })}
          </Link>
        </p>
      )}
      <div className="qd-splits">
        <Split
          title={t("imports.byVerdict")}
          counts={job.totals.verdict}
          label={labels.verdict}
          filter={(id) => ({ ...mine, verdict: [id] })}
        />
        <Split
          title={t("imports.byTier")}
          counts={job.totals.tier}
          label={labels.tier}
          filter={(id) => ({ ...mine, tier: [id] })}
        />
        <Split
          title={t("imports.byChannel")}
          counts={job.totals.channel}
          label={(id) => labels.value("channel", id)}
          filter={(id) => ({ ...mine, channel: [id] })}
        />
        <Split
          title={t("imports.byReason")}
          counts={job.totals.reason}
          label={(id) => <ReasonName id={id} />}
          filter={(id) => ({ ...mine, reason: [id] })}
        />
      </div>
      <p className="qd-muted qd-splits-note">
        {t(mine.import ? "imports.splitNoteExact" : "imports.splitNote")}
      </p>
    </>
  );
}

/** One import: its files while they are read, and what came of it. */
export function ImportCard({ job }: { job: ImportJob }) {
  const { t } = useTranslation();
  const labels = useLabels();
  const { message } = App.useApp();
  const problem = useProblem();
  const client = useQueryClient();
  const act = useMutation({
    mutationFn: (what: "cancel" | "retry") =>
      what === "cancel" ? api.cancelImport(job.id) : api.retryImport(job.id),
    onSuccess: () => client.invalidateQueries({ queryKey: ["imports"] }),
    onError: (error) => message.error(problem(error).text),
  });
  const busy = running(job.state);
  const again = job.state === "failed" || job.state === "cancelled";
  return (
    <section
      className="qd-panel qd-import"
      data-testid="import-card"
      data-import={job.id}
      data-state={job.state}
      aria-label={t("imports.card")}
    >
      <h2 className="qd-visually-hidden">{t("imports.card")}</h2>
      <header>
        <StateTag state={job.state} />
        <span>
          <Time at={job.created_at} as="both" />
          <span className="qd-muted"> {[job.by?.name, job.shop].filter(Boolean).join(" · ")}</span>
        </span>
        {job.seconds !== null && (
          <span className="qd-muted qd-num">
            {t("imports.took", { seconds: job.seconds.toFixed(1), rows: count(job.rows) })}
          </span>
        )}
        <span className="qd-import-actions">
          {busy && (
            <Button size="small" loading={act.isPending} onClick={() => act.mutate("cancel")}>
              {t("imports.cancel")}
            </Button>
          )}
          {again && (
            <Button size="small" loading={act.isPending} onClick={() => act.mutate("retry")}>
              {t("imports.retry")}
            </Button>
          )}
          {!busy && !undoing(job) && job.state !== "undone" && job.new + job.changed > 0 && (
            <Undo job={job} />
          )}
        </span>
      </header>
      {busy && <Progress percent={Math.round(job.progress * 100)} aria-label={t("imports.progress")} />}
      {job.undoing && undoing(job) && (
        <div data-testid="undoing" role="status">
          <span>{t("imports.undo.running", { name: job.undoing.by })}</span>
          <Progress
            percent={Math.round(job.undoing.progress * 100)}
            status="active"
            aria-label={t("imports.undo.button")}
          />
        </div>
      )}
      {job.undoing?.problem && job.state !== "undone" && (
        <p role="alert">
          <b>{t("imports.undo.refused")}</b> <ProblemText problem={job.undoing.problem} />
        </p>
      )}
      {job.undone && (
        <p>
          {t("imports.undo.by", {
            name: job.undone.by,
            removed: count(job.undone.removed),
            restored: count(job.undone.restored),
          })}{" "}
          <span className="qd-muted">
            <Time at={job.undone.at} as="both" />
          </span>
        </p>
      )}
      {job.error && (
        <p role="alert">
          <ProblemText problem={job.error} />
        </p>
      )}
      <ul className="qd-files">
        {job.files.map((file) => (
          <FileRow key={file.sha256 + file.name} job={job} file={file} />
        ))}
      </ul>
      {!busy && <Passwords job={job} />}
      {job.state === "done" && <Results job={job} />}
      <UnknownWords job={job} />
      {job.notices.length > 0 && (
        <ul className="qd-notices">
          {job.notices.map((notice) => (
            <li key={`${notice.file}${notice.en}`}>
              {notice.file && <b>{notice.file} </b>}
              {labels.say(notice)}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
