import { FileExcelOutlined, PrinterOutlined } from "@ant-design/icons";
import { keepPreviousData, useMutation, useQuery } from "@tanstack/react-query";
import { Button, Select, Skeleton } from "antd";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import { useLabels } from "../../app/catalogue";
import { usePreferences } from "../../app/preferences";
import { useZone } from "../../app/session";
import { absolute, count, duration, percent } from "../../ui/format";
import { PageHeader } from "../../ui/PageHeader";
import { Problem } from "../../ui/Problem";
import { insight, type Report } from "../board/api";
import { yuan } from "../board/yuan";
import "./report.css";

type Cell = string | number;

function Sheet({ title, head, rows }: { title: string; head: string[]; rows: Cell[][] }) {
  const { t } = useTranslation();
  return (
    <section className="qd-sheet">
      <h2>{title}</h2>
      {rows.length === 0 ? (
        <p className="qd-muted">{t("report.none")}</p>
      ) : (
        <table>
          <thead>
            <tr>
              {head.map((name) => (
                <th key={name} scope="col">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((cells) => (
              <tr key={String(cells[0])}>
                {cells.map((cell, place) => (
                  <td key={head[place]}>{typeof cell === "number" ? count(cell) : cell}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

function Hours({ hours }: { hours: Report["hours"] }) {
  const { t } = useTranslation();
  const zone = useZone();
  const most = Math.max(1, ...hours.flatMap((hour) => [hour.came, hour.went]));
  return (
    <section className="qd-sheet qd-sheet-wide">
      <h2>{t("report.hours")}</h2>
      <ol className="qd-sheet-hours">
        {hours.map((hour) => (
          <li key={hour.at} title={`${t("report.came")} ${hour.came} · ${t("report.went")} ${hour.went}`}>
            <span aria-hidden>
              <i style={{ height: `${(hour.came / most) * 100}%` }} />
              <i data-went style={{ height: `${(hour.went / most) * 100}%` }} />
            </span>
            <small>{absolute(hour.at, zone).slice(11, 13)}</small>
          </li>
        ))}
      </ol>
      <p className="qd-sheet-legend">
        <i /> {t("report.came")} <i data-went /> {t("report.went")}
      </p>
    </section>
  );
}

function Paper({ report }: { report: Report }) {
  const { t } = useTranslation();
  const labels = useLabels();
  const { language } = usePreferences();
  const made = new Date(report.made_at).getTime();
  const age = (at: string | null) =>
    at === null ? "—" : duration(Math.max(0, made - new Date(at).getTime()), language);
  const rate = report.release_rate;
  const figures: [string, string][] = [
    [t("report.came"), count(report.came)],
    [t("report.went"), count(report.went)],
    [t("board.backlog"), count(report.backlog)],
    [t("board.overdue"), count(report.overdue)],
    [t("board.late"), count(report.late)],
    [t("board.rate"), rate === null ? "—" : percent(Math.round(rate * 10_000), 10_000)],
    [`${t("report.fen")} · ${t("board.riskNow")}`, report.risk ? yuan(report.risk.now_fen) : "—"],
    [t("board.riskDay"), report.risk ? `+${yuan(report.risk.day_fen)}` : "—"],
    [t("report.p50"), report.p50 ?? "—"],
    [t("report.p80"), report.p80 ?? "—"],
  ];
  return (
    <article className="qd-paper">
      <dl className="qd-paper-figures">
        {figures.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd className="qd-num">{value}</dd>
          </div>
        ))}
      </dl>
      <Hours hours={report.hours} />
      <Sheet
        title={t("report.steps")}
        head={[t("report.steps"), t("report.orders"), t("report.oldest")]}
        rows={report.steps.map((one) => [t(`board.step.${one.step}`), one.count, age(one.oldest)])}
      />
      <Sheet
        title={t("report.causes")}
        head={[t("report.cause"), t("report.orders"), t("report.lost"), t("report.fen")]}
        rows={report.causes.map((one) => [
          labels.say(one.title),
          one.orders,
          Math.round(one.hours),
          yuan(one.fen),
        ])}
      />
      <Sheet
        title={t("report.stages")}
        head={[t("report.stages"), t("report.orders")]}
        rows={report.by_stage.map((one) => [labels.value("stage", one.id), one.count])}
      />
      <Sheet
        title={t("report.channels")}
        head={[t("report.channels"), t("report.orders")]}
        rows={report.by_channel.map((one) => [labels.value("channel", one.id), one.count])}
      />
      <Sheet
        title={t("report.levers")}
        head={[t("report.levers"), t("report.orders")]}
        rows={report.levers.map((one) => [labels.say(one.text), one.alone])}
      />
      <Sheet
        title={t("report.people")}
        head={[t("report.person"), t("report.orders"), t("report.back"), t("report.points")]}
        rows={report.people.map((one) => [one.name, one.orders, one.back, one.points])}
      />
    </article>
  );
}

/** A day on one sheet of paper: to be printed, or taken along as a workbook. */
export function ReportPage() {
  const { t } = useTranslation();
  const zone = useZone();
  const [params, setParams] = useSearchParams();
  const day = params.get("day");
  const report = useQuery({
    queryKey: ["report", day],
    queryFn: ({ signal }) => insight.report(day, signal),
    placeholderData: keepPreviousData,
  });
  const take = useMutation({ mutationFn: () => insight.exportReport(day) });
  const data = report.data;
  return (
    <div className="qd-report">
      <PageHeader
        title={data ? `${t("report.title")} ${data.day}` : t("report.title")}
        note={data && t("report.madeAt", { time: absolute(data.made_at, zone).slice(0, 16) })}
        actions={
          <>
            {data && (
              <Select
                aria-label={t("report.pick")}
                value={data.day}
                onChange={(next: string) => setParams({ day: next })}
                options={data.days.map((one) => ({ value: one, label: one }))}
              />
            )}
            <Button
              icon={<FileExcelOutlined aria-hidden />}
              loading={take.isPending}
              onClick={() => take.mutate()}
            >
              {t("report.xlsx")}
            </Button>
            <Button icon={<PrinterOutlined aria-hidden />} onClick={() => window.print()}>
              {t("report.print")}
            </Button>
          </>
        }
      />
      {report.isError && <Problem error={report.error} retry={report.refetch} />}
      {take.isError && <Problem error={take.error} />}
      {report.isPending && <Skeleton active paragraph={{ rows: 10 }} />}
      {data && <Paper report={data} />}
    </div>
  );
}
