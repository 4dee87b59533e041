import { useQuery } from "@tanstack/react-query";
import { Button, Segmented, Skeleton } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useSearchParams } from "react-router";
import { useRight } from "../../app/session";
import { EmptyState } from "../../ui/EmptyState";
import { count, percent } from "../../ui/format";
import { PageHeader } from "../../ui/PageHeader";
import { Problem } from "../../ui/Problem";
import { Time } from "../../ui/Time";
import { campaigns } from "./api";
import { NewCampaign } from "./NewCampaign";
import { ReadinessPanel } from "./ReadinessPanel";
import { Rehearsals } from "./Rehearsals";
import "../../ui/tags.css";
import "../imports/imports.css";
import "./campaigns.css";

const VIEWS = ["list", "readiness", "rehearsals"] as const;
const TONE = { planned: "", running: "qd-verdict-review", closed: "qd-verdict-release" } as const;

function List({ onNew }: { onNew: (() => void) | undefined }) {
  const { t } = useTranslation();
  const list = useQuery({
    queryKey: ["campaigns"],
    queryFn: ({ signal }) => campaigns.list(signal),
    refetchInterval: 30_000,
  });
  if (list.isPending) return <Skeleton active />;
  if (list.isError) return <Problem error={list.error} retry={list.refetch} />;
  return (
    <section className="qd-panel" aria-label={t("campaigns.title")}>
      <div className="qd-panel-body">
        {list.data.length === 0 ? (
          <EmptyState
            title={t("campaigns.none")}
            text={t("campaigns.noneText")}
            action={
              onNew && (
                <Button type="primary" onClick={onNew}>
                  {t("campaigns.new")}
                </Button>
              )
            }
          />
        ) : (
          <div className="qd-history">
            <table>
              <thead>
                <tr>
                  <th scope="col">{t("campaigns.name")}</th>
                  <th scope="col">{t("campaigns.state")}</th>
                  <th scope="col" className="qd-right">
                    {t("campaigns.total")}
                  </th>
                  <th scope="col" className="qd-right">
                    {t("campaigns.done")}
                  </th>
                  <th scope="col" className="qd-right">
                    {t("campaigns.left")}
                  </th>
                  <th scope="col">{t("campaigns.p80")}</th>
                  <th scope="col">{t("campaigns.goal")}</th>
                  <th scope="col">{t("campaigns.madeBy")}</th>
                </tr>
              </thead>
              <tbody>
                {list.data.map((one) => (
                  <tr key={one.id}>
                    <td>
                      <Link to={`/campaigns/${one.id}`}>
                        <b>{one.name}</b>
                      </Link>
                    </td>
                    <td>
                      <span className={`qd-tag ${TONE[one.state]}`}>
                        {t(`campaigns.states.${one.state}`)}
                      </span>
                    </td>
                    <td className="qd-right qd-num">{count(one.total)}</td>
                    <td className="qd-right qd-num">
                      {count(one.done)} <span className="qd-muted">{percent(one.done, one.total)}</span>
                    </td>
                    <td className="qd-right qd-num">{count(one.left)}</td>
                    <td>
                      <Time at={one.state === "closed" ? one.closed_at : one.p80} as="short" />
                    </td>
                    <td>
                      <Time at={one.goal_at} as="short" />
                    </td>
                    <td>{one.created_by}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </div>
    </section>
  );
}

/** Clean-ups, how ready we are for the next peak, and rehearsals of past ones. */
export function CampaignsPage() {
  const { t } = useTranslation();
  const right = useRight();
  const [params, setParams] = useSearchParams();
  const [making, setMaking] = useState(params.has("new"));
  const view = VIEWS.find((one) => one === params.get("view")) ?? "list";
  const runs = right("campaigns.run");
  return (
    <>
      <PageHeader
        title={t("campaigns.title")}
        note={t("campaigns.note")}
        actions={
          runs && (
            <Button type="primary" onClick={() => setMaking(true)}>
              {t("campaigns.new")}
            </Button>
          )
        }
      />
      <div className="qd-campaign">
        <Segmented
          style={{ alignSelf: "flex-start" }}
          aria-label={t("campaigns.title")}
          value={view}
          onChange={(next) => setParams({ view: next })}
          options={VIEWS.map((key) => ({ value: key, label: t(`campaigns.views.${key}`) }))}
        />
        {view === "list" && <List onNew={runs ? () => setMaking(true) : undefined} />}
        {view === "readiness" && <ReadinessPanel />}
        {view === "rehearsals" && <Rehearsals runs={runs} />}
      </div>
      {making && <NewCampaign onDone={() => setMaking(false)} />}
    </>
  );
}
