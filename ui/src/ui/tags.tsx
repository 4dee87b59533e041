import { CloseOutlined, FireFilled, WarningFilled } from "@ant-design/icons";
import { Tooltip } from "antd";
import { useTranslation } from "react-i18next";
import { useLabels } from "../app/catalogue";
import "./tags.css";

/** Where an order stands with us. */
export function StageTag({ id }: { id: string }) {
  const labels = useLabels();
  return (
    <span className="qd-stage">
      <i style={{ background: `var(--qd-mark-${id})` }} aria-hidden />
      {labels.value("stage", id)}
    </span>
  );
}

/** Tier of an order; "tentative" while a fact that decides it is missing. */
export function TierTag({ id, tentative = false }: { id: string | null; tentative?: boolean }) {
  const { t } = useTranslation();
  const labels = useLabels();
  if (!id) return <span className="qd-muted">—</span>;
  return (
    <span className={`qd-tag qd-tier-${id}`}>
      {id === "urgent" && <FireFilled aria-hidden />}
      {id === "exception" && <WarningFilled aria-hidden />}
      {labels.tier(id)}
      {tentative && <Tooltip title={t("order.tentativeHint")}>{t("order.tentative")}</Tooltip>}
    </span>
  );
}

/** Whether review released the order, left it to a person, or stopped it. */
export function VerdictTag({ id }: { id: string }) {
  const labels = useLabels();
  return <span className={`qd-tag qd-verdict-${id}`}>{labels.verdict(id)}</span>;
}

/** Name of a reason; a check is named for what it asks, so a cross says that it was not met. */
export function ReasonName({ id }: { id: string }) {
  const { t } = useTranslation();
  const labels = useLabels();
  return (
    <>
      {labels.reasonKind(id) === "check" && (
        <CloseOutlined className="qd-unmet" aria-label={t("rule.unmet")} title={t("rule.unmet")} />
      )}
      {labels.reason(id)}
    </>
  );
}

const SHOWN = 2;

/** Reasons that keep an order back: the first few, the rest on hover. */
export function ReasonTags({ ids, all = false }: { ids: readonly string[]; all?: boolean }) {
  const labels = useLabels();
  if (ids.length === 0) return <span className="qd-muted">—</span>;
  const shown = all ? ids : ids.slice(0, SHOWN);
  const rest = ids.slice(shown.length);
  return (
    <span className={all ? "qd-reasons qd-reasons-all" : "qd-reasons"}>
      {shown.map((id) => (
        <span key={id} className={`qd-tag qd-reason-${labels.reasonKind(id)}`}>
          <ReasonName id={id} />
        </span>
      ))}
      {rest.length > 0 && (
        <Tooltip title={rest.map(labels.reason).join(" · ")}>
          <span className="qd-tag">+{rest.length}</span>
        </Tooltip>
      )}
    </span>
  );
}
