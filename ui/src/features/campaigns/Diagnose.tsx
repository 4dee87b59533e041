import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useLabels } from "../../app/catalogue";
import { count } from "../../ui/format";
import { Problem } from "../../ui/Problem";
import { ordersPath } from "../orders/query";
import { type Campaign, campaigns } from "./api";
import { useCampaignVerb } from "./CampaignPage";

interface PileProps {
  title: string;
  rows: readonly { value: string; count: number }[];
  name: (value: string) => string;
}

function Pile({ title, rows, name }: PileProps) {
  const { t } = useTranslation();
  const most = Math.max(1, ...rows.map((row) => row.count));
  return (
    <section className="qd-panel" aria-label={title}>
      <div className="qd-panel-head">
        <h2>{title}</h2>
      </div>
      <div className="qd-panel-body">
        {rows.length === 0 ? (
          <span className="qd-muted">{t("campaigns.nothingLeft")}</span>
        ) : (
          <div className="qd-campaign-pile">
            {rows.slice(0, 10).map((row) => (
              <Row key={row.value} label={name(row.value)} n={row.count} most={most} />
            ))}
          </div>
        )}
      </div>
    </section>
  );
}

function Row({ label, n, most }: { label: string; n: number; most: number }) {
  return (
    <>
      <span className="qd-ellipsis" title={label}>
        {label}
      </span>
      <meter min={0} max={most} value={n} aria-label={label} />
      <span className="qd-num">{count(n)}</span>
    </>
  );
}

/** The pile by platform, age, kind and reason; exceptions that still lack a type or an owner. */
export function Diagnose({ of, runs }: { of: Campaign; runs: boolean }) {
  const { t } = useTranslation();
  const labels = useLabels();
  const lacking = useQuery({
    queryKey: ["campaigns", of.id, "unowned", of.unowned],
    queryFn: ({ signal }) => campaigns.unowned(of.id, signal),
    enabled: of.unowned > 0,
  });
  const give = useCampaignVerb(of.id, () => campaigns.owners(of.id));
  const kinds = new Map(of.kinds.map((kind) => [kind.kind as string, labels.say(kind.label)]));
  return (
    <>
      <div className="qd-campaign-columns">
        <Pile
          title={t("campaigns.pile.channel")}
          rows={of.pile.channel}
          name={(v) => labels.value("channel", v)}
        />
        <Pile title={t("campaigns.pile.age")} rows={of.pile.age} name={(v) => t(`campaigns.ages.${v}`)} />
        <Pile title={t("campaigns.pile.kind")} rows={of.pile.kind} name={(v) => kinds.get(v) ?? v} />
        <Pile title={t("campaigns.pile.reason")} rows={of.pile.reason} name={labels.reason} />
      </div>
      <section className="qd-panel" aria-label={t("campaigns.unowned")}>
        <div className="qd-panel-head">
          <h2>{t("campaigns.unowned")}</h2>
          <span className={of.unowned > 0 ? "qd-red" : "qd-muted"} data-testid="unowned">
            {of.unowned > 0
              ? t("campaigns.unownedLeft", { n: count(of.unowned) })
              : t("campaigns.unownedNone")}
          </span>
        </div>
        <div className="qd-panel-body">
          {give.isError && <Problem error={give.error} />}
          {of.unowned > 0 && runs && (
            <div className="qd-campaign-tools">
              <Button type="primary" loading={give.isPending} onClick={() => give.mutate(undefined)}>
                {t("campaigns.giveOwners")}
              </Button>
              <span className="qd-muted">{t("campaigns.giveOwnersHint")}</span>
            </div>
          )}
          {of.unowned > 0 && (
            <div className="qd-history">
              <table>
                <thead>
                  <tr>
                    <th scope="col">{labels.field("order_no")}</th>
                    <th scope="col">{labels.field("channel")}</th>
                    <th scope="col">{t("campaigns.pile.reason")}</th>
                    <th scope="col">{t("campaigns.lacks")}</th>
                  </tr>
                </thead>
                <tbody>
                  {(lacking.data ?? []).slice(0, 10).map((row) => (
                    <tr key={row.id}>
                      <td>
                        <Link to={ordersPath({ q: row.order_no }, row.id)}>{row.order_no}</Link>
                      </td>
                      <td>{labels.value("channel", row.channel)}</td>
                      <td>{row.reasons.map(labels.reason).join("、")}</td>
                      <td className="qd-red">
                        {[row.type ? "" : t("campaigns.noType"), row.owner ? "" : t("campaigns.noOwner")]
                          .filter(Boolean)
                          .join("、")}
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          )}
        </div>
      </section>
    </>
  );
}
