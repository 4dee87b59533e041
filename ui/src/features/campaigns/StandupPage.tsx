import { useQuery } from "@tanstack/react-query";
import { Button, Skeleton } from "antd";
import { useTranslation } from "react-i18next";
import { Link, useParams } from "react-router";
import { useLabels } from "../../app/catalogue";
import { count, money } from "../../ui/format";
import { PageHeader } from "../../ui/PageHeader";
import { Problem } from "../../ui/Problem";
import { Time } from "../../ui/Time";
import { campaigns } from "./api";
import "./campaigns.css";

/** One page for the 15-minute stand-up: what there is, who does what, who may decide what, until when. */
export function StandupPage() {
  const { t } = useTranslation();
  const labels = useLabels();
  const id = Number(useParams().campaign);
  const found = useQuery({ queryKey: ["campaigns", id], queryFn: ({ signal }) => campaigns.get(id, signal) });
  if (found.isPending) return <Skeleton active />;
  if (found.isError) return <Problem error={found.error} retry={found.refetch} page />;
  const of = found.data;
  const kinds = new Map(of.kinds.map((kind) => [kind.kind as string, kind]));
  const now = of.authorisations.filter((one) => one.ended_at === null);
  return (
    <>
      <PageHeader
        title={t("campaigns.standup")}
        actions={
          <>
            <Link to={`/campaigns/${id}`}>{of.name}</Link>{" "}
            <Button type="primary" onClick={() => window.print()}>
              {t("campaigns.print")}
            </Button>
          </>
        }
      />
      <article className="qd-sheet">
        <h1>{of.name}</h1>
        <p className="qd-sheet-lead">
          {t("campaigns.standupLead", {
            left: count(of.left),
            total: count(of.total),
            rules: count(of.by_rules),
          })}{" "}
          {t("campaigns.standupGoal")} <Time at={of.goal_at} as="short" />
          {of.p80 && (
            <>
              {t("campaigns.standupP80")} <Time at={of.p80} as="short" />
            </>
          )}
        </p>
        <h2>{t("campaigns.whoDoesWhat")}</h2>
        <table>
          <thead>
            <tr>
              <th scope="col">{t("campaigns.lane")}</th>
              <th scope="col">{t("campaigns.work")}</th>
              <th scope="col" className="qd-right">
                {t("campaigns.left")}
              </th>
              <th scope="col">{t("campaigns.people")}</th>
            </tr>
          </thead>
          <tbody>
            {of.lanes.map((lane) => (
              <tr key={lane.id}>
                <td>
                  <b>
                    {lane.letter} {lane.name}
                  </b>
                </td>
                <td>{lane.kinds.map((kind) => labels.say(kinds.get(kind)?.label)).join("、")}</td>
                <td className="qd-right qd-num">
                  {count(lane.kinds.reduce((sum, kind) => sum + (kinds.get(kind)?.left ?? 0), 0))}
                </td>
                <td>{lane.people.map((person) => person.name).join("、") || t("campaigns.nobodyHere")}</td>
              </tr>
            ))}
          </tbody>
        </table>
        <h2>{t("campaigns.mayDecide")}</h2>
        {now.length === 0 ? (
          <p className="qd-muted">{t("campaigns.noAuthorisation")}</p>
        ) : (
          <ul>
            {now.map((one) => (
              <li key={one.id}>
                {t("campaigns.mayLine", {
                  role: labels.role(one.role),
                  kind: labels.say(kinds.get(one.kind)?.label),
                  limit:
                    one.limit === null
                      ? t("campaigns.anyAmount")
                      : t("campaigns.upTo", { yuan: money(one.limit) }),
                })}{" "}
                <Time at={one.ends_at} as="short" />
              </li>
            ))}
          </ul>
        )}
        <h2>{t("campaigns.tiersTitle")}</h2>
        <table>
          <tbody>
            {["urgent", "regular", "exception"].map((tier) => (
              <tr key={tier}>
                <td>
                  <b>{labels.tier(tier)}</b>
                </td>
                <td>{t(`campaigns.tierRule.${tier}`)}</td>
                <td className="qd-right qd-num">
                  {count(of.pile.tier.find((row) => row.value === tier)?.count ?? 0)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
        <h2>{t("campaigns.pile.reason")}</h2>
        <p>
          {of.pile.reason
            .slice(0, 8)
            .map((row) => `${labels.reason(row.value)} ${count(row.count)}`)
            .join(" · ")}
        </p>
        <h2>{t("campaigns.rhythm")}</h2>
        <p>{t("campaigns.rhythmText")}</p>
      </article>
    </>
  );
}
