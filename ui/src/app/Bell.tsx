import { BellOutlined } from "@ant-design/icons";
import { Badge, Button, Popover } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { Time } from "../ui/Time";
import "./bell.css";
import { useNotices } from "./useNotices";

/** What the person is told: her orders, cases, the desk and the policy in one list. */
export function Bell() {
  const { t } = useTranslation();
  const { rows, total, readAll } = useNotices();
  const [open, setOpen] = useState(false);
  const list = (
    <div className="qd-bell" data-testid="notices">
      <header>
        <b>{t("notices.title")}</b>
        {total > 0 && (
          <Button type="link" size="small" onClick={readAll}>
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
          {rows.map((notice) => (
            <li key={notice.key} data-notice={notice.kind}>
              <Link
                to={notice.to}
                onClick={() => {
                  notice.read();
                  setOpen(false);
                }}
              >
                <b>{notice.title}</b>
                <span>{notice.text}</span>
                <small className="qd-muted">
                  {notice.note && `${notice.note} · `}
                  <Time at={notice.at} as="short" />
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
