import { SettingOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Button, Skeleton, Table, Tooltip } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useLabels } from "../../../app/catalogue";
import { useRight } from "../../../app/session";
import { count } from "../../../ui/format";
import { Problem } from "../../../ui/Problem";
import { Time } from "../../../ui/Time";
import { type Answered, type AuditMeasure, audits } from "../api";
import { share } from "../backtest/share";
import { AuditSetting } from "./AuditSetting";
import { BlindLook } from "./BlindLook";
import "./audit.css";

function Figure({ title, value, hint }: { title: string; value: string; hint?: string }) {
  return (
    <div>
      <dt>{title}</dt>
      <dd className="qd-num">{value}</dd>
      {hint && <small className="qd-muted">{hint}</small>}
    </div>
  );
}

function Measures({ rows, limit }: { rows: AuditMeasure[]; limit: number }) {
  const { t } = useTranslation();
  const labels = useLabels();
  return (
    <Table<AuditMeasure>
      size="small"
      rowKey="rule"
      pagination={false}
      dataSource={rows}
      scroll={{ x: "max-content" }}
      columns={[
        {
          key: "rule",
          title: t("studio.audit.rule"),
          render: (_, row) => (row.title ? labels.say(row.title) : <b>{t("studio.audit.whole")}</b>),
        },
        {
          key: "n",
          title: t("studio.audit.lookedAt"),
          align: "right",
          render: (_, row) => count(row.looked_at),
        },
        { key: "k", title: t("studio.audit.wrong"), align: "right", render: (_, row) => count(row.wrong) },
        { key: "rate", title: t("studio.audit.rate"), align: "right", render: (_, row) => share(row.rate) },
        {
          key: "most",
          title: <Tooltip title={t("studio.audit.atMostHint")}>{t("studio.audit.atMost")}</Tooltip>,
          align: "right",
          render: (_, row) => share(row.at_most),
        },
        {
          key: "least",
          title: <Tooltip title={t("studio.audit.atLeastHint")}>{t("studio.audit.atLeast")}</Tooltip>,
          align: "right",
          render: (_, row) => (
            <span className={row.over ? "qd-red" : undefined}>
              {row.looked_at ? share(row.at_least) : "—"}
            </span>
          ),
        },
        {
          key: "state",
          title: t("studio.audit.state"),
          render: (_, row) => (
            <span className={row.over ? "qd-tag qd-reason-hold" : "qd-tag"}>
              {row.over
                ? t("studio.audit.over", { limit: share(limit) })
                : t(row.looked_at ? "studio.audit.within" : "studio.audit.nothing")}
            </span>
          ),
        },
      ]}
    />
  );
}

function Differing() {
  const { t } = useTranslation();
  const labels = useLabels();
  const answers = useQuery({ queryKey: ["audit-answers"], queryFn: ({ signal }) => audits.answers(signal) });
  if (!answers.data?.length) return null;
  return (
    <section aria-label={t("studio.audit.differing")}>
      <h2>{t("studio.audit.differing")}</h2>
      <div className="qd-panel">
        <Table<Answered>
          size="small"
          rowKey="id"
          dataSource={answers.data}
          scroll={{ x: "max-content" }}
          pagination={answers.data.length > 20 ? { pageSize: 20, showSizeChanger: false } : false}
          columns={[
            {
              key: "no",
              title: t("column.order_no"),
              render: (_, row) => <Link to={`/orders?order=${row.order.id}`}>{row.order.order_no}</Link>,
            },
            {
              key: "was",
              title: t("studio.audit.was"),
              render: (_, row) => t(row.released ? "studio.audit.wasReleased" : "studio.audit.wasStopped"),
            },
            {
              key: "rule",
              title: t("studio.audit.blamed"),
              render: (_, row) => (row.rule ? labels.reason(row.rule) : "—"),
            },
            { key: "reason", title: t("studio.audit.reason"), render: (_, row) => row.reason || "—" },
            {
              key: "by",
              title: t("studio.audit.by"),
              render: (_, row) => (
                <>
                  {row.answered_by} <Time at={row.answered_at} as="short" />
                </>
              ),
            },
          ]}
        />
      </div>
    </section>
  );
}

/** A blind look at a share of what was decided by itself, and what it says of each check. */
export function AuditTab() {
  const { t } = useTranslation();
  const right = useRight();
  const [setting, setSetting] = useState(false);
  const told = useQuery({ queryKey: ["audits"], queryFn: ({ signal }) => audits.get(signal) });
  if (told.isPending) return <Skeleton active />;
  if (told.isError) return <Problem error={told.error} retry={told.refetch} />;
  const { counts, measured, setting: rules } = told.data;
  return (
    <div className="qd-audit" data-testid="audits">
      <section className="qd-panel qd-audit-head" aria-label={t("studio.audit.title")}>
        <div>
          <h2>{t("studio.audit.title")}</h2>
          <p className="qd-muted">
            {t("studio.audit.text", { share: share(rules.share), limit: share(rules.limit) })}
          </p>
        </div>
        <dl>
          <Figure title={t("studio.audit.waiting")} value={count(counts.waiting)} />
          <Figure
            title={t("studio.audit.looked")}
            value={count(counts.looked_at)}
            hint={t("studio.audit.ofWrong", { n: count(counts.wrong) })}
          />
          <Figure
            title={t("studio.audit.stopped")}
            value={count(counts.stopped)}
            hint={t("studio.audit.inVain", { n: count(counts.in_vain) })}
          />
        </dl>
        {right("policies.edit") && (
          <Button icon={<SettingOutlined aria-hidden />} onClick={() => setSetting(true)}>
            {t("studio.audit.set")}
          </Button>
        )}
      </section>
      {right("orders.decide") && <BlindLook />}
      <section aria-label={t("studio.audit.measured")}>
        <h2>{t("studio.audit.measured")}</h2>
        <div className="qd-panel">
          <Measures rows={measured} limit={rules.limit} />
        </div>
      </section>
      <Differing />
      {setting && <AuditSetting now={rules} onClose={() => setSetting(false)} />}
    </div>
  );
}
