import { Button, Dropdown } from "antd";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useLabels } from "../../app/catalogue";
import { usePreferences } from "../../app/preferences";
import { useRight } from "../../app/session";
import { Count } from "../../ui/Count";
import { duration } from "../../ui/format";
import { Time } from "../../ui/Time";
import { BACKLOG, CLEARED, ordersPath } from "../orders/query";
import type { Incident } from "./api";

export interface Verbs {
  busy: boolean;
  warehouses: readonly { id: number; name: string }[];
  onTake: (incident: Incident) => void;
  onAsk: (incident: Incident) => void;
  onElsewhere: (incident: Incident, to: number) => void;
  onClose: (incident: Incident) => void;
}

/** One silence: who, since when, why, how many orders wait, and what a person can do. */
export function IncidentCard({ incident, verbs }: { incident: Incident; verbs: Verbs }) {
  const { t } = useTranslation();
  const { language } = usePreferences();
  const labels = useLabels();
  const may = useRight()("incidents.handle");
  const open = incident.closed_at === null;
  const lasted = new Date(incident.closed_at ?? Date.now()).getTime() - new Date(incident.since).getTime();
  const others = verbs.warehouses.filter((to) => String(to.id) !== incident.source);
  const warehouse = incident.kind === "warehouse";
  const waiting = incident.kind === "shop" ? [...BACKLOG, ...CLEARED] : CLEARED;
  return (
    <article className={`qd-incident ${open ? "qd-incident-open" : ""}`}>
      <header>
        <span className={`qd-tag ${open ? "qd-breaker-open" : "qd-breaker-closed"}`}>
          {t(open ? "oversight.open" : `oversight.end.${incident.end}`)}
        </span>
        <h3>
          {t(`oversight.kind.${incident.kind}`)} · {incident.name}
        </h3>
        <span className="qd-muted">
          {t(open ? "oversight.silentFor" : "oversight.wasSilentFor", { time: duration(lasted, language) })}
        </span>
      </header>
      <p className="qd-incident-cause">
        <b>{incident.cause_words[language]}</b>
        {incident.detail && <q className="qd-muted">{incident.detail}</q>}
      </p>
      {open && <p className="qd-muted">{incident.advice[language]}</p>}
      <dl className="qd-incident-facts">
        <div>
          <dt>{t("oversight.behind")}</dt>
          <dd>
            <Count n={incident.behind} to={ordersPath({ incident: String(incident.id), stage: waiting })} />
          </dd>
        </div>
        <div>
          <dt>{t("oversight.affected")}</dt>
          <dd>
            <Count n={incident.most} to={ordersPath({ incident: String(incident.id) })} />
          </dd>
        </div>
        <div>
          <dt>{t("oversight.since")}</dt>
          <dd>
            <Time at={incident.since} as="short" />
          </dd>
        </div>
        <div>
          <dt>{t("oversight.usual")}</dt>
          <dd>
            {incident.usual_seconds === null
              ? t("oversight.neverSeen")
              : duration(incident.usual_seconds * 1000, language)}
          </dd>
        </div>
        <div>
          <dt>{t("oversight.owner")}</dt>
          <dd>
            {incident.taken_name || labels.role(incident.owner_role)}
            {incident.taken_name === "" && open && <span className="qd-red"> {t("oversight.nobody")}</span>}
          </dd>
        </div>
      </dl>
      {incident.note && (
        <p className="qd-muted">
          {t("oversight.note")}
          {incident.note}
        </p>
      )}
      {open && may && (
        <footer>
          <Button type="primary" size="small" disabled={verbs.busy} onClick={() => verbs.onTake(incident)}>
            {t("oversight.take")}
          </Button>
          {warehouse && (
            <Button size="small" disabled={verbs.busy} onClick={() => verbs.onAsk(incident)}>
              {t("oversight.ask")}
            </Button>
          )}
          {warehouse && others.length > 0 && (
            <Dropdown
              trigger={["click"]}
              menu={{
                items: others.map((to) => ({ key: String(to.id), label: to.name })),
                onClick: ({ key }) => verbs.onElsewhere(incident, Number(key)),
              }}
            >
              <Button size="small" disabled={verbs.busy}>
                {t("oversight.elsewhere")}
              </Button>
            </Dropdown>
          )}
          <Link to={ordersPath({ incident: String(incident.id) })}>{t("oversight.openOrders")}</Link>
          <Button type="text" size="small" disabled={verbs.busy} onClick={() => verbs.onClose(incident)}>
            {t("oversight.close")}
          </Button>
        </footer>
      )}
    </article>
  );
}
