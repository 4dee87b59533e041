import { useTranslation } from "react-i18next";
import type { OrderEvent } from "../../api/types";
import { useLabels } from "../../app/catalogue";
import { Time } from "../../ui/Time";
import { show } from "./values";

/** What happened to the order, the latest first: who, what, why, and what changed. */
export function Timeline({ events }: { events: readonly OrderEvent[] }) {
  const { t } = useTranslation();
  const labels = useLabels();
  const fields = new Map(labels.fields.map((field) => [field.id, field]));
  const latestFirst = [...events].sort((a, b) => b.at.localeCompare(a.at));
  const value = (id: string, raw: OrderEvent["changes"][number]["before"]) => {
    const field = fields.get(id);
    return (field ? show(field, raw, labels, t) : String(raw ?? "")) || t("rule.empty");
  };
  if (events.length === 0) return <p className="qd-muted">{t("event.none")}</p>;
  return (
    <ol className="qd-timeline">
      {latestFirst.map((event) => (
        <li key={event.id}>
          <p>
            <b>{t(`event.kind.${event.kind}`, { defaultValue: event.kind })}</b>
            {event.to_stage && event.from_stage !== event.to_stage && (
              <span>
                {event.from_stage ? `${labels.value("stage", event.from_stage)} → ` : ""}
                {labels.value("stage", event.to_stage)}
              </span>
            )}
            <span className="qd-muted">
              {event.actor.name || t(`event.actor.${event.actor.kind}`, { defaultValue: event.actor.kind })}
            </span>
            <span className="qd-timeline-when qd-muted">
              <Time at={event.at} as="short" />
            </span>
          </p>
          {event.alerts.length > 0 && (
            <p className="qd-timeline-alerts">
              {event.alerts.map((alert) => (
                <b key={alert} className="qd-red">
                  {t(`alert.${alert}`, { defaultValue: alert })}
                </b>
              ))}
            </p>
          )}
          {event.reason && <p className="qd-timeline-reason">{event.reason}</p>}
          {event.changes.length > 0 && (
            <ul>
              {event.changes.map((change) => (
                <li key={change.field}>
                  <span className="qd-muted">{labels.field(change.field)}</span>{" "}
                  {change.before === null && change.after === null ? (
                    t("event.hidden")
                  ) : (
                    <>
                      <s>{value(change.field, change.before)}</s>
                      {" → "}
                      {value(change.field, change.after)}
                    </>
                  )}
                </li>
              ))}
            </ul>
          )}
        </li>
      ))}
    </ol>
  );
}
