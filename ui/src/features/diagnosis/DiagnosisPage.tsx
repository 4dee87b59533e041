import { DownloadOutlined, ReloadOutlined } from "@ant-design/icons";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Dropdown, Segmented, Skeleton } from "antd";
import { useTranslation } from "react-i18next";
import { Link, useSearchParams } from "react-router";
import { useLabels } from "../../app/catalogue";
import { useZone } from "../../app/session";
import { EmptyState } from "../../ui/EmptyState";
import { absolute, count, short } from "../../ui/format";
import { PageHeader } from "../../ui/PageHeader";
import { Problem } from "../../ui/Problem";
import { useNow } from "../../ui/useNow";
import { type DiagnosisBody, type Finding, insight, LENGTHS } from "../board/api";
import { yuan } from "../board/yuan";
import { BACKLOG, type Filters, ordersPath } from "../orders/query";
import "../board/board.css";
import "./diagnosis.css";

const LOOK_MS = 1_500;
const TONES: Record<string, string> = {
  system_gap: "sent",
  missing_owner: "held",
  fuzzy_rules: "in_review",
  capacity: "exception",
};

const hours = (n: number) => n.toLocaleString("en-US", { maximumFractionDigits: Math.abs(n) < 10 ? 1 : 0 });

/** Orders of a finding that still wait, where the orders page can tell them. */
function stillWaiting(finding: Finding): Filters | null {
  const base = { stage: BACKLOG };
  if (finding.dimension === "channel") return { ...base, channel: [finding.value] };
  if (finding.dimension === "reasons") return { ...base, reason: [finding.value] };
  return null;
}

function Causes({ body }: { body: DiagnosisBody }) {
  const { t } = useTranslation();
  const labels = useLabels();
  const all = body.causes.reduce((sum, cause) => sum + cause.hours, 0) || 1;
  if (body.causes.length === 0)
    return <p className="qd-diagnosis-calm">{t("diagnosis.nothing", { count: count(body.orders) })}</p>;
  return (
    <>
      <div className="qd-cause-bar" aria-hidden>
        {body.causes.map((cause) => (
          <i
            key={cause.cause}
            style={{ flexGrow: cause.hours, background: `var(--qd-mark-${TONES[cause.cause]})` }}
          />
        ))}
      </div>
      <ol className="qd-causes">
        {body.causes.map((cause) => (
          <li key={cause.cause}>
            <h3>
              <i style={{ background: `var(--qd-mark-${TONES[cause.cause]})` }} aria-hidden />
              {labels.say(cause.title)}
              <span className="qd-num qd-muted">{Math.round((cause.hours / all) * 100)}%</span>
            </h3>
            <b className="qd-num">{t("diagnosis.hours", { n: hours(cause.hours) })}</b>
            <span className="qd-num qd-muted">
              {t("diagnosis.cost", { orders: count(cause.orders), yuan: yuan(cause.fen) })}
            </span>
          </li>
        ))}
      </ol>
    </>
  );
}

function Findings({ body }: { body: DiagnosisBody }) {
  const { t } = useTranslation();
  const labels = useLabels();
  return (
    <ol className="qd-findings">
      {body.findings.map((finding, place) => {
        const open = stillWaiting(finding);
        return (
          <li key={`${finding.sign} ${finding.dimension} ${finding.value}`}>
            <span className="qd-finding-place qd-num">{place + 1}</span>
            <div>
              <p className="qd-finding-said">{labels.say(finding.text)}</p>
              <p className="qd-finding-advice">{labels.say(finding.advice)}</p>
            </div>
            <span className="qd-finding-cost qd-num">
              <b>{yuan(finding.fen)}</b>
              {open && <Link to={ordersPath(open)}>{t("diagnosis.waiting")}</Link>}
            </span>
          </li>
        );
      })}
    </ol>
  );
}

function Levers({ body }: { body: DiagnosisBody }) {
  const { t } = useTranslation();
  const labels = useLabels();
  const [biggest] = body.levers;
  if (!biggest) return <p className="qd-muted">{t("diagnosis.noLever")}</p>;
  const most = Math.max(1, ...body.levers.map((lever) => lever.orders));
  const path = (reason: string, alone: boolean) =>
    ordersPath({ stage: BACKLOG, reason: [reason], ...(alone ? { alone } : {}) });
  return (
    <>
      <p className="qd-lever-said">
        <Link to={path(biggest.reason, true)}>{labels.say(biggest.text)}</Link>
      </p>
      <ul className="qd-bars qd-levers">
        {body.levers.map((lever) => (
          <li key={lever.reason}>
            <Link to={path(lever.reason, false)}>
              <span className="qd-bar-label">{labels.reason(lever.reason)}</span>
              <span className="qd-bar-track" aria-hidden>
                <i
                  style={{ width: `${(lever.alone / most) * 100}%`, background: "var(--qd-mark-exception)" }}
                />
                <i
                  style={{
                    width: `${((lever.orders - lever.alone) / most) * 100}%`,
                    background: "var(--qd-heat-2)",
                  }}
                />
              </span>
              <b className="qd-num">{count(lever.alone)}</b>
              <span className="qd-num qd-muted">/ {count(lever.orders)}</span>
            </Link>
          </li>
        ))}
      </ul>
    </>
  );
}

function Parts({ body }: { body: DiagnosisBody }) {
  const { t } = useTranslation();
  const labels = useLabels();
  if (body.parts.length === 0) return <p className="qd-muted">{t("diagnosis.noBefore")}</p>;
  const most = Math.max(0.01, ...body.parts.map((part) => Math.max(part.before, part.after)));
  return (
    <ul className="qd-parts">
      {body.parts.map((part) => {
        const change = part.after - part.before;
        const tone = !part.sure ? "qd-muted" : change > 0 ? "qd-red" : "qd-green";
        return (
          <li key={part.part}>
            <span>{labels.say(part.title)}</span>
            <span className="qd-part-bars" aria-hidden>
              <i style={{ width: `${(part.before / most) * 100}%` }} />
              <i data-now style={{ width: `${(part.after / most) * 100}%` }} />
            </span>
            <span className="qd-num">
              {hours(part.before)} → <b>{hours(part.after)}</b>
            </span>
            <span className={`qd-num ${tone}`} title={part.sure ? undefined : t("diagnosis.unsure")}>
              {change > 0 ? "+" : ""}
              {hours(change)}
            </span>
          </li>
        );
      })}
    </ul>
  );
}

function Body({ body }: { body: DiagnosisBody }) {
  const { t } = useTranslation();
  const panel = (key: string, note: string, children: React.ReactNode) => (
    <section className="qd-panel" data-part={key} aria-label={t(`diagnosis.${key}`)}>
      <div className="qd-panel-head">
        <h2>{t(`diagnosis.${key}`)}</h2>
        <span className="qd-muted">{note}</span>
      </div>
      <div className="qd-panel-body">{children}</div>
    </section>
  );
  const sampled = body.every > 1 ? ` · ${t("diagnosis.sampled", { every: body.every })}` : "";
  return (
    <div className="qd-diagnosis">
      {panel("causes", t("diagnosis.of", { count: count(body.orders) }) + sampled, <Causes body={body} />)}
      {panel("lever", t("diagnosis.leverNote"), <Levers body={body} />)}
      {panel(
        "findings",
        t("diagnosis.findingsNote"),
        body.findings.length > 0 ? (
          <Findings body={body} />
        ) : (
          <p className="qd-diagnosis-calm">{t("diagnosis.noFinding")}</p>
        ),
      )}
      {panel(
        "trigger",
        t("diagnosis.triggerNote"),
        <p className="qd-trigger">
          <b className={`qd-num ${body.trigger_hours > 0 ? "qd-amber" : ""}`}>
            {t("diagnosis.hours", { n: hours(body.trigger_hours) })}
          </b>
          <span className="qd-muted">{t("diagnosis.triggerText")}</span>
        </p>,
      )}
      {panel("parts", t("diagnosis.partsNote", { count: count(body.orders_before) }), <Parts body={body} />)}
    </div>
  );
}

/** Why orders wait: the causes with their price, the evidence, the biggest lever, and what changed. */
export function DiagnosisPage() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const zone = useZone();
  const now = useNow();
  const [params, setParams] = useSearchParams();
  const days = LENGTHS.find((one) => String(one) === params.get("days")) ?? 7;
  const key = ["diagnosis", days];
  const found = useQuery({
    queryKey: key,
    queryFn: ({ signal }) => insight.diagnosis(days, signal),
    refetchInterval: ({ state }) =>
      state.data && ["queued", "running"].includes(state.data.state) ? LOOK_MS : false,
  });
  const start = useMutation({
    mutationFn: () => insight.diagnose(days),
    onSuccess: (told) => client.setQueryData(key, told),
  });
  const take = useMutation({
    mutationFn: (form: "csv" | "xes") => {
      const day = (ms: number) => absolute(new Date(ms).toISOString(), zone).slice(0, 10);
      return insight.exportLog(form, day(now.getTime() - (days - 1) * 86_400_000), day(now.getTime()));
    },
  });
  const busy = start.isPending || ["queued", "running"].includes(found.data?.state ?? "");
  const body = found.data?.body;
  const note =
    body &&
    t("diagnosis.period", { since: short(body.since, zone, now), until: short(body.until, zone, now) });
  return (
    <>
      <PageHeader
        title={t("diagnosis.title")}
        note={note}
        actions={
          <>
            <Segmented
              aria-label={t("diagnosis.days")}
              value={days}
              onChange={(next) => setParams({ days: String(next) })}
              options={LENGTHS.map((n) => ({ value: n, label: t("diagnosis.lastDays", { count: n }) }))}
            />
            <Dropdown
              menu={{
                items: (["csv", "xes"] as const).map((form) => ({
                  key: form,
                  label: t(`diagnosis.${form}`),
                })),
                onClick: ({ key: form }) => take.mutate(form as "csv" | "xes"),
              }}
            >
              <Button icon={<DownloadOutlined aria-hidden />} loading={take.isPending}>
                {t("diagnosis.export")}
              </Button>
            </Dropdown>
            <Button
              type="primary"
              icon={<ReloadOutlined aria-hidden />}
              loading={busy}
              onClick={() => start.mutate()}
            >
              {t(busy ? "diagnosis.running" : body ? "diagnosis.again" : "diagnosis.start")}
            </Button>
          </>
        }
      />
      {found.isError && <Problem error={found.error} retry={found.refetch} />}
      {start.isError && <Problem error={start.error} />}
      {take.isError && <Problem error={take.error} />}
      {found.data?.state === "failed" && <p className="qd-red">{t("diagnosis.failed")}</p>}
      {found.isPending && <Skeleton active paragraph={{ rows: 10 }} />}
      {found.data && !body && (
        <section className="qd-panel">
          <EmptyState
            title={t(busy ? "diagnosis.running" : "diagnosis.emptyTitle")}
            text={t("diagnosis.emptyText")}
          />
        </section>
      )}
      {body && <Body body={body} />}
    </>
  );
}
