import { CopyOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { App, Button, Skeleton } from "antd";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { api } from "../../api";
import type { Policy } from "../../api/types";
import { useLabels } from "../../app/catalogue";
import { Problem } from "../../ui/Problem";
import { Time } from "../../ui/Time";
import { TierTag } from "../../ui/tags";
import { BACKLOG, ordersPath } from "../orders/query";
import "./policy.css";

/** Sections in the order in which they decide. */
const KINDS = ["check", "exception", "hold", "tag"] as const;

function Rules({ policy, kind }: { policy: Policy; kind: string }) {
  const { t } = useTranslation();
  const labels = useLabels();
  const rules = policy.rules.filter((rule) => rule.kind === kind);
  if (rules.length === 0) return null;
  return (
    <section className={`qd-policy-section qd-policy-${kind}`} aria-label={t(`policy.${kind}`)}>
      <h2>
        {t(`policy.${kind}`)} <span className="qd-muted">{rules.length}</span>
      </h2>
      <p className="qd-muted">{t(`policy.${kind}Text`)}</p>
      <ul className="qd-policy-cards">
        {rules.map((rule) => (
          <li key={rule.id} className="qd-panel" data-rule={rule.id}>
            <h3>{labels.say(rule.title)}</h3>
            <p className="qd-policy-text">{labels.say(rule.text)}</p>
            <footer>
              <span className="qd-code qd-muted">{rule.id}</span>
              {kind !== "tag" && (
                <Link to={ordersPath({ stage: BACKLOG, reason: [rule.id] })}>{t("policy.stopped")}</Link>
              )}
            </footer>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Tiers({ policy }: { policy: Policy }) {
  const { t } = useTranslation();
  const labels = useLabels();
  const said = (value: Policy["tiers"][number]["respond"]) => labels.say(value) || "—";
  return (
    <section className="qd-policy-section" aria-label={t("policy.tiers")}>
      <h2>{t("policy.tiers")}</h2>
      <p className="qd-muted">{t("policy.tiersText")}</p>
      <div className="qd-panel qd-policy-tiers">
        <table>
          <thead>
            <tr>
              <th scope="col">#</th>
              <th scope="col">{t("column.tier")}</th>
              <th scope="col">{t("policy.when")}</th>
              <th scope="col">{t("column.owner_role")}</th>
              <th scope="col">{t("policy.respond")}</th>
              <th scope="col">{t("policy.resolve")}</th>
            </tr>
          </thead>
          <tbody>
            {policy.tiers.map((tier, index) => (
              <tr key={tier.id}>
                <td className="qd-muted">{index + 1}</td>
                <td>
                  <TierTag id={tier.id} />
                </td>
                <td className="qd-policy-when">{labels.say(tier.text)}</td>
                <td>{labels.role(tier.owner) || "—"}</td>
                <td>{said(tier.respond)}</td>
                <td>{said(tier.resolve)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Words({ policy }: { policy: Policy }) {
  const { t } = useTranslation();
  if (policy.words.length === 0) return null;
  return (
    <section className="qd-policy-section" aria-label={t("policy.words")}>
      <h2>{t("policy.words")}</h2>
      <p className="qd-muted">{t("policy.wordsText")}</p>
      <ul className="qd-policy-cards">
        {policy.words.map((list) => (
          <li key={list.name} className="qd-panel">
            <h3>@{list.name}</h3>
            <p className="qd-policy-words">
              {list.items.map((item) => (
                <span key={item} className="qd-tag">
                  {item}
                </span>
              ))}
            </p>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** The policy that decides new orders now, for reading. */
export function LivePolicy() {
  const { t } = useTranslation();
  const labels = useLabels();
  const { message } = App.useApp();
  const live = useQuery({
    queryKey: ["policy"],
    queryFn: ({ signal }) => api.policy(signal),
    staleTime: 60_000,
  });
  const policy = live.data;
  const copy = async (hash: string) => {
    await navigator.clipboard.writeText(hash);
    message.success(t("policy.copied"));
  };
  return (
    <>
      {live.isPending && <Skeleton active paragraph={{ rows: 10 }} />}
      {live.isError && <Problem error={live.error} retry={live.refetch} />}
      {policy && (
        <>
          <section className="qd-panel qd-policy-head" aria-label={t("policy.live")}>
            <div>
              <h2>{labels.say(policy.title)}</h2>
              <p className="qd-muted">{t("policy.intro")}</p>
            </div>
            <dl>
              <div>
                <dt>{t("policy.hash")}</dt>
                <dd>
                  <span className="qd-code" title={policy.hash}>
                    {policy.hash.slice(0, 16)}
                  </span>
                  <Button
                    type="text"
                    size="small"
                    icon={<CopyOutlined aria-hidden />}
                    aria-label={t("policy.copy")}
                    onClick={() => void copy(policy.hash)}
                  />
                </dd>
              </div>
              <div>
                <dt>{t("policy.since")}</dt>
                <dd>
                  <Time at={policy.live_since} as="both" />
                </dd>
              </div>
              {policy.scope && (
                <div>
                  <dt>{t("policy.scope")}</dt>
                  <dd>{labels.say(policy.scope)}</dd>
                </div>
              )}
            </dl>
          </section>
          {KINDS.map((kind) => (
            <Rules key={kind} policy={policy} kind={kind} />
          ))}
          <Tiers policy={policy} />
          <Words policy={policy} />
        </>
      )}
    </>
  );
}
