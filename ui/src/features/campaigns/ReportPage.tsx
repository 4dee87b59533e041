import { useQuery } from "@tanstack/react-query";
import { Button, Skeleton } from "antd";
import { useTranslation } from "react-i18next";
import { Link, useParams } from "react-router";
import { useLabels } from "../../app/catalogue";
import { useRight } from "../../app/session";
import { count, money, percent } from "../../ui/format";
import { PageHeader } from "../../ui/PageHeader";
import { Problem } from "../../ui/Problem";
import { Time } from "../../ui/Time";
import { campaigns, type Report } from "./api";
import { KeepRules, Preventions, SopDrafts } from "./Learnt";
import "../imports/imports.css";
import "./campaigns.css";

function Facts({ report }: { report: Report }) {
  const { t } = useTranslation();
  const rows = ["total", "done", "by_rules", "left", "overdue", "late"] as const;
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">{t("campaigns.fact")}</th>
          <th scope="col" className="qd-right">
            {t("campaigns.before")}
          </th>
          <th scope="col" className="qd-right">
            {t("campaigns.after")}
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map((key) => (
          <tr key={key}>
            <td>{t(`campaigns.facts.${key}`)}</td>
            <td className="qd-right qd-num">{count(report.before[key])}</td>
            <td className="qd-right qd-num">{count(report.after[key])}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Who({ report }: { report: Report }) {
  const { t } = useTranslation();
  return (
    <>
      <h2>{t("campaigns.byLane")}</h2>
      <table>
        <thead>
          <tr>
            <th scope="col">{t("campaigns.lane")}</th>
            <th scope="col" className="qd-right">
              {t("campaigns.people")}
            </th>
            <th scope="col" className="qd-right">
              {t("campaigns.total")}
            </th>
            <th scope="col" className="qd-right">
              {t("campaigns.done")}
            </th>
            <th scope="col" className="qd-right">
              {t("campaigns.left")}
            </th>
          </tr>
        </thead>
        <tbody>
          {report.lanes.map((lane) => (
            <tr key={lane.letter}>
              <td>
                {lane.letter} {lane.name}
              </td>
              <td className="qd-right qd-num">{lane.people}</td>
              <td className="qd-right qd-num">{count(lane.total)}</td>
              <td className="qd-right qd-num">{count(lane.done)}</td>
              <td className="qd-right qd-num">{count(lane.left)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <h2>{t("campaigns.byPerson")}</h2>
      <table>
        <thead>
          <tr>
            <th scope="col">{t("campaigns.person")}</th>
            <th scope="col">{t("campaigns.lane")}</th>
            <th scope="col" className="qd-right">
              {t("campaigns.done")}
            </th>
            <th scope="col" className="qd-right">
              {t("campaigns.secondsEach")}
            </th>
          </tr>
        </thead>
        <tbody>
          {report.people.map((person) => (
            <tr key={person.user_id ?? 0}>
              <td>{person.name ?? t("campaigns.rules")}</td>
              <td>{person.lane}</td>
              <td className="qd-right qd-num">{count(person.orders)}</td>
              <td className="qd-right qd-num">{person.seconds === null ? "—" : person.seconds.toFixed(0)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}

/** The close-out report: on screen, printed or as PDF by the browser, and as a workbook. */
export function ReportPage() {
  const { t } = useTranslation();
  const labels = useLabels();
  const right = useRight();
  const id = Number(useParams().campaign);
  const found = useQuery({
    queryKey: ["campaigns", id, "report"],
    queryFn: ({ signal }) => campaigns.report(id, signal),
  });
  if (found.isPending) return <Skeleton active />;
  if (found.isError) return <Problem error={found.error} retry={found.refetch} page />;
  const { name, state, moves, preventions } = found.data;
  const report = found.data.report as unknown as Report;
  const runs = right("campaigns.run");
  return (
    <>
      <PageHeader
        title={t("campaigns.report")}
        note={state !== "closed" && <span className="qd-tag">{t("campaigns.soFar")}</span>}
        actions={
          <>
            <Link to={`/campaigns/${id}`}>{name}</Link>{" "}
            <a href={campaigns.sheet(id)}>{t("campaigns.excel")}</a>{" "}
            <Button type="primary" onClick={() => window.print()}>
              {t("campaigns.print")}
            </Button>
          </>
        }
      />
      <article className="qd-sheet">
        <h1>{name}</h1>
        <p className="qd-sheet-lead">
          {t("campaigns.reportLead", {
            hours: report.hours,
            worked: report.worked_hours,
            done: count(report.after.done),
            share: percent(report.after.done, report.after.total),
            rules: count(report.after.by_rules),
            left: count(report.after.left),
          })}
          {report.late_avoided !== null &&
            report.late_avoided > 0 &&
            t("campaigns.reportSaved", {
              n: count(report.late_avoided),
              yuan: money(report.penalty_avoided ?? 0),
            })}
        </p>
        <h2>{t("campaigns.beforeAfter")}</h2>
        <Facts report={report} />
        <p className="qd-muted">{t("campaigns.reportHow")}</p>
        <h2>{t("campaigns.timeline")}</h2>
        <table>
          <tbody>
            {report.timeline.map((point) => (
              <tr key={point.at}>
                <td>
                  <Time at={point.at} as="short" />
                </td>
                <td className="qd-right qd-num">{t("campaigns.doneN", { n: count(point.done) })}</td>
                <td className="qd-right qd-num">{t("campaigns.leftN", { n: count(point.left) })}</td>
                <td className="qd-right qd-num">
                  {point.pace === null ? "" : t("campaigns.pace", { n: point.pace.toFixed(1) })}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
        {moves.map((move) => (
          <p key={move.zh}>{labels.say(move)}</p>
        ))}
        <Who report={report} />
        <h2>{t("campaigns.causes")}</h2>
        <p>
          {(report.causes.length > 0
            ? report.causes.map((cause) => `${labels.say(cause)} ${count(cause.count)}`)
            : report.reasons.slice(0, 10).map((row) => `${labels.reason(row.reason)} ${count(row.count)}`)
          ).join(" · ")}
        </p>
        <Preventions id={id} rows={preventions} runs={runs} />
        <SopDrafts id={id} />
        {runs && right("policies.edit") && <KeepRules id={id} name={name} />}
      </article>
    </>
  );
}
