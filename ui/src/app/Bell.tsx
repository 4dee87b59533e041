import { BellOutlined } from "@ant-design/icons";
import { Badge, Button, Popover } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { Bilingual } from "../api/types";
import { Time } from "../ui/Time";
import "./bell.css";
import { useLabels } from "./catalogue";
import { useNotices } from "./useNotices";
import { usePolicyNotices } from "./usePolicyNotices";

/** Changes that matter of orders that the person answers for. */
export function Bell() {
  const { t } = useTranslation();
  const labels = useLabels();
  const { rows, total: changes, readOne, readAll } = useNotices();
  const policies = usePolicyNotices();
  const total = changes + policies.rows.length;
  const [open, setOpen] = useState(false);
  const take = (id: string) => {
    readOne(id);
    setOpen(false);
  };
  const list = (
    <div className="qd-bell" data-testid="notices">
      <header>
        <b>{t("notices.title")}</b>
        {total > 0 && (
          <Button
            type="link"
            size="small"
            onClick={() => {
              readAll();
              policies.read(policies.rows.map((one) => one.id));
            }}
          >
            {t("notices.readAll")}
          </Button>
        )}
      </header>
      {total === 0 ? (
        <p className="qd-muted">
          {t("notices.none")}
          <br />
          {t("notices.noneText")}
        </p>
      ) : (
        <ul>
          {policies.rows.map((notice) => (
            <li key={`policy-${notice.id}`} data-notice={notice.kind}>
              <Link
                to="/policy?tab=audit"
                onClick={() => {
                  policies.read([notice.id]);
                  setOpen(false);
                }}
              >
                <b>{t("notices.rulePaused")}</b>
                <span>{labels.say(notice.details.title as Bilingual)}</span>
                <small className="qd-muted">
                  {t("notices.rulePausedText", {
                    n: Number(notice.details.looked_at),
                    wrong: Number(notice.details.wrong),
                  })}{" "}
                  · <Time at={notice.at} as="short" />
                </small>
              </Link>
            </li>
          ))}
          {rows.map((notice) => (
            <li key={notice.id}>
              <Link to={`/orders?order=${notice.order_id}`} onClick={() => take(notice.id)}>
                <b>{notice.alerts.map((alert) => t(`alert.${alert}`, { defaultValue: alert })).join("、")}</b>
                <span>
                  {labels.value("channel", notice.channel)} {notice.order_no}
                </span>
                <small className="qd-muted">
                  {labels.value("stage", notice.stage)} · <Time at={notice.at} as="short" />
                </small>
              </Link>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
  return (
    <Popover content={list} trigger="click" placement="rightBottom" open={open} onOpenChange={setOpen}>
      <button
        type="button"
        className="qd-rail-tool"
        data-testid="bell"
        data-total={total}
        aria-haspopup="dialog"
        aria-expanded={open}
        aria-label={t("notices.open", { n: total })}
      >
        <Badge count={total} size="small" overflowCount={99}>
          <BellOutlined aria-hidden className="qd-bell-icon" />
        </Badge>
        <span>{t("notices.short")}</span>
      </button>
    </Popover>
  );
}
