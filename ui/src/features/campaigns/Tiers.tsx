import { Button, DatePicker, InputNumber, Select } from "antd";
import dayjs from "dayjs";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useLabels } from "../../app/catalogue";
import { count, money } from "../../ui/format";
import { Problem } from "../../ui/Problem";
import { Time } from "../../ui/Time";
import { OWNERS } from "../people/api";
import { type Campaign, campaigns, type Kind } from "./api";
import { useCampaignVerb } from "./CampaignPage";

function Authorise({ of }: { of: Campaign }) {
  const { t } = useTranslation();
  const labels = useLabels();
  const [role, setRole] = useState("front_line");
  const [kind, setKind] = useState<Kind>("regular");
  const [yuan, setYuan] = useState<number | null>(500);
  const [ends, setEnds] = useState(dayjs(of.goal_at));
  const give = useCampaignVerb(of.id, () =>
    campaigns.authorise(of.id, {
      role,
      kind,
      limit: yuan === null ? null : Math.round(yuan * 100),
      ends_at: ends.toISOString(),
    }),
  );
  return (
    <>
      {give.isError && <Problem error={give.error} />}
      <div className="qd-campaign-tools">
        {t("campaigns.allow")}
        <Select
          aria-label={t("campaigns.role")}
          style={{ width: 120 }}
          value={role}
          onChange={setRole}
          options={OWNERS.map((one) => ({ value: one, label: labels.role(one) }))}
        />
        {t("campaigns.toDecide")}
        <Select
          aria-label={t("campaigns.pile.kind")}
          style={{ width: 130 }}
          value={kind}
          onChange={setKind}
          options={of.kinds.map((one) => ({ value: one.kind, label: labels.say(one.label) }))}
        />
        <InputNumber
          aria-label={t("campaigns.limit")}
          style={{ width: 150 }}
          prefix="¥"
          min={1}
          placeholder={t("campaigns.anyAmount")}
          value={yuan}
          onChange={setYuan}
        />
        {t("campaigns.until")}
        <DatePicker
          aria-label={t("campaigns.until")}
          showTime={{ format: "HH:mm" }}
          format="MM-DD HH:mm"
          allowClear={false}
          value={ends}
          onChange={(at) => at && setEnds(at)}
        />
        <Button loading={give.isPending} onClick={() => give.mutate(undefined)}>
          {t("campaigns.authorise")}
        </Button>
      </div>
    </>
  );
}

/** Tiers as they stand, the rules that release by themselves, and who may decide what for a while. */
export function Tiers({ of, runs }: { of: Campaign; runs: boolean }) {
  const { t } = useTranslation();
  const labels = useLabels();
  const end = useCampaignVerb(of.id, (one: number) => campaigns.endAuthorisation(of.id, one));
  const kinds = new Map(of.kinds.map((kind) => [kind.kind, labels.say(kind.label)]));
  return (
    <section className="qd-panel" aria-label={t("campaigns.steps.3")}>
      <div className="qd-panel-head">
        <h2>{t("campaigns.steps.3")}</h2>
        <span className="qd-muted">
          {of.pile.tier
            .map((row) => `${labels.tier(row.value === "-" ? null : row.value)} ${count(row.count)}`)
            .join(" · ")}
        </span>
      </div>
      <div className="qd-panel-body">
        <div className="qd-campaign-tools">
          <span>{t("campaigns.rulesSoFar", { n: count(of.by_rules) })}</span>
          <Link to="/policy/levers">{t("campaigns.toLevers")}</Link>
          <Link to="/policy/drafts">{t("campaigns.toDrafts")}</Link>
        </div>
        {runs && <Authorise of={of} />}
        {end.isError && <Problem error={end.error} />}
        {of.authorisations.length > 0 && (
          <div className="qd-history">
            <table>
              <thead>
                <tr>
                  <th scope="col">{t("campaigns.role")}</th>
                  <th scope="col">{t("campaigns.pile.kind")}</th>
                  <th scope="col">{t("campaigns.limit")}</th>
                  <th scope="col">{t("campaigns.until")}</th>
                  <th scope="col">{t("campaigns.givenBy")}</th>
                  <th scope="col" aria-label={t("campaigns.end")} />
                </tr>
              </thead>
              <tbody>
                {of.authorisations.map((one) => (
                  <tr key={one.id}>
                    <td>{labels.role(one.role)}</td>
                    <td>{kinds.get(one.kind)}</td>
                    <td>{one.limit === null ? t("campaigns.anyAmount") : money(one.limit)}</td>
                    <td>
                      <Time at={one.ended_at ?? one.ends_at} as="short" />
                    </td>
                    <td>{one.given_by}</td>
                    <td className="qd-right">
                      {one.ended_at === null && runs ? (
                        <Button size="small" onClick={() => end.mutate(one.id)}>
                          {t("campaigns.end")}
                        </Button>
                      ) : (
                        <span className="qd-muted">{one.ended_at !== null && t("campaigns.over")}</span>
                      )}
                    </td>
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
