import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, DatePicker, Form, Input, Modal, Progress, Select } from "antd";
import dayjs, { type Dayjs } from "dayjs";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useLabels } from "../../app/catalogue";
import { count } from "../../ui/format";
import { Problem } from "../../ui/Problem";
import { type BulkBody, type Bulk as BulkRun, desk } from "./api";

type Verdict = BulkBody["verdict"];
const VERDICTS: Verdict[] = ["release", "hold", "exception", "review", "refuse"];
const RUNNING = new Set(["queued", "running", "stopping"]);
const WATCH = 700;
const SHOWN_MS = 10 * 60_000;
const LISTS = new Set(["channel", "shop", "stage", "tier", "reason", "province", "verdict", "owner_role"]);

/** The filters of an address as the API takes them in a body. */
function selection(address: URLSearchParams): BulkBody["select"] {
  const chosen: Record<string, unknown> = {};
  for (const name of new Set(address.keys())) {
    if (name === "page" || name === "size" || name === "sort") continue;
    chosen[name] = LISTS.has(name) ? address.getAll(name) : address.get(name);
  }
  return chosen as BulkBody["select"];
}

/** One verdict on every order that the queue shows: first what it would do, then it runs by itself. */
export function BulkDialog({ address, onClose }: { address: URLSearchParams; onClose: () => void }) {
  const { t } = useTranslation();
  const labels = useLabels();
  const client = useQueryClient();
  const [verdict, setVerdict] = useState<Verdict>("release");
  const [reason, setReason] = useState("");
  const [until, setUntil] = useState<Dayjs | null>(null);
  const body: BulkBody = {
    verdict,
    reason: reason.trim(),
    hold: until ? "time" : "reply",
    until: until?.toISOString() ?? null,
    select: selection(address),
  };
  const tried = useMutation({ mutationFn: desk.tryBulk });
  const run = useMutation({
    mutationFn: desk.bulk,
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ["desk"] });
      onClose();
    },
  });
  const wanting = !reason.trim();
  return (
    <Modal
      open
      title={t("desk.bulkTitle")}
      onCancel={onClose}
      cancelText={t("action.cancel")}
      okText={
        tried.data
          ? t("desk.bulkRun", { count: tried.data.would, shown: count(tried.data.would) })
          : t("desk.bulkTry")
      }
      okButtonProps={{
        disabled: wanting || tried.data?.would === 0,
        loading: tried.isPending || run.isPending,
      }}
      onOk={() => (tried.data ? run.mutate(body) : tried.mutate(body))}
    >
      <Form layout="vertical" onChange={() => tried.reset()}>
        <p className="qd-muted">{t("desk.bulkNote")}</p>
        <Form.Item label={t("desk.verdicts")}>
          <Select
            value={verdict}
            onChange={(value) => {
              setVerdict(value);
              tried.reset();
            }}
            options={VERDICTS.map((value) => ({ value, label: t(`desk.verdict.${value}`) }))}
          />
        </Form.Item>
        {verdict === "hold" && (
          <Form.Item label={t("desk.untilAtMost")}>
            <DatePicker showTime value={until} minDate={dayjs()} onChange={setUntil} />
          </Form.Item>
        )}
        <Form.Item label={t("desk.reason")} required>
          <Input value={reason} maxLength={500} onChange={(event) => setReason(event.target.value)} />
        </Form.Item>
      </Form>
      {(tried.error ?? run.error) && <Problem error={tried.error ?? run.error} />}
      {tried.data && (
        <ul className="qd-outcomes" data-testid="dry-run">
          {tried.data.outcomes.map((one) => (
            <li key={one.outcome}>
              {labels.say(one.text)} <b className="qd-num">{count(one.count)}</b>
            </li>
          ))}
        </ul>
      )}
    </Modal>
  );
}

function Run({ run }: { run: BulkRun }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const refresh = () => client.invalidateQueries({ queryKey: ["desk"] });
  const stop = useMutation({ mutationFn: desk.stopBulk, onSettled: refresh });
  const resume = useMutation({ mutationFn: desk.resumeBulk, onSettled: refresh });
  return (
    <li data-testid="bulk" data-state={run.state}>
      <span>
        {t("desk.bulkOf", { verdict: t(`desk.verdict.${run.verdict}`), by: run.by })}{" "}
        <span className="qd-muted">{run.reason}</span>
      </span>
      <Progress
        percent={run.total ? (run.done / run.total) * 100 : 100}
        showInfo={false}
        size="small"
        status={run.state === "failed" ? "exception" : "normal"}
      />
      <span className="qd-num">{t("desk.progress", { done: count(run.done), size: count(run.total) })}</span>
      {run.failed > 0 && (
        <Link to={`/desk?bulk=${run.id}&outcome=failed`} className="qd-red">
          {t("desk.bulkFailed", { count: run.failed, shown: count(run.failed) })}
        </Link>
      )}
      {RUNNING.has(run.state) ? (
        <Button size="small" onClick={() => stop.mutate(run.id)}>
          {t("action.cancel")}
        </Button>
      ) : (
        run.state === "cancelled" && (
          <Button size="small" onClick={() => resume.mutate(run.id)}>
            {t("desk.bulkResume")}
          </Button>
        )
      )}
    </li>
  );
}

/** Bulk runs under way, and those that ended lately. */
export function Bulks() {
  const { t } = useTranslation();
  const runs = useQuery({
    queryKey: ["desk", "bulks"],
    queryFn: ({ signal }) => desk.bulks(signal),
    refetchInterval: ({ state }) => (state.data?.some((run) => RUNNING.has(run.state)) ? WATCH : false),
  });
  const lately = (runs.data ?? []).filter(
    (run) => run.finished_at === null || Date.now() - Date.parse(run.finished_at) < SHOWN_MS,
  );
  if (lately.length === 0) return null;
  return (
    <section className="qd-panel qd-bulks" aria-label={t("desk.bulk")}>
      <ul>
        {lately.slice(0, 3).map((run) => (
          <Run key={run.id} run={run} />
        ))}
      </ul>
    </section>
  );
}
