import { Table, Tabs } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useLabels } from "../../../app/catalogue";
import { usePreferences } from "../../../app/preferences";
import { count } from "../../../ui/format";
import {
  type Backtest,
  type BacktestResult,
  backtests,
  type Cell,
  type Code,
  type GroupCount,
  type RuleCount,
  type Side,
} from "../api";
import { OrdersBehind } from "./OrdersBehind";
import { points, share } from "./share";

const CODES: readonly Code[] = ["release", "review", "exception", "held"];
const GROUPS = ["shop", "channel", "province"] as const;

type Open = (title: string, cell: Cell) => void;

function Rate({ name, before, after }: { name: "old" | "new"; before: Side | null; after: Side }) {
  const { t } = useTranslation();
  const { language } = usePreferences();
  return (
    <dl className={`qd-bt-side qd-bt-${name}`} data-side={name}>
      <dt>{t(`studio.bt.${name}`)}</dt>
      <dd>
        <b className="qd-num" data-figure="rate" data-value={after.rate ?? ""}>
          {share(after.rate)}
        </b>
        <span className="qd-muted">
          {t("studio.bt.released", { n: count(after.released) })}
          {before && <> · {points(before.rate, after.rate, language)}</>}
        </span>
      </dd>
      <dd>
        <span data-figure="problems">
          {t("studio.bt.problemRate")} <b className="qd-num">{share(after.problem_rate)}</b>
        </span>
        <span className="qd-muted" data-figure="bound">
          {t("studio.bt.bound", { bound: share(after.problem_bound), n: count(after.problems) })}
        </span>
      </dd>
    </dl>
  );
}

function Matrix({ result, open }: { result: BacktestResult; open: Open }) {
  const { t } = useTranslation();
  const has = (code: Code) => result.transitions.some((one) => one.old === code || one.new === code);
  const codes = [...CODES, ...(has("none") ? (["none"] as const) : [])];
  return (
    <div className="qd-panel qd-grid qd-bt-matrix">
      <table aria-label={t("studio.bt.transitions")}>
        <thead>
          <tr>
            <th scope="col">{t("studio.bt.fromTo")}</th>
            {codes.map((code) => (
              <th key={code} scope="col">
                {t(`studio.code.${code}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {codes.map((from) => (
            <tr key={from}>
              <th scope="row">{t(`studio.code.${from}`)}</th>
              {codes.map((to) => {
                const cell = result.transitions.find((one) => one.old === from && one.new === to);
                const title = `${t(`studio.code.${from}`)} → ${t(`studio.code.${to}`)}`;
                if (!cell) return <td key={to} className="qd-muted" />;
                const tone =
                  from === to ? "same" : to === "release" ? "gain" : from === "release" ? "loss" : "move";
                return (
                  <td key={to} className={`qd-bt-cell qd-bt-${tone}`}>
                    <button
                      type="button"
                      data-cell={`${from}-${to}`}
                      title={title}
                      onClick={() => open(title, { old: from, new: to })}
                    >
                      <b className="qd-num">{count(cell.n)}</b>
                      {cell.problems > 0 && (
                        <span>{t("studio.bt.withProblems", { n: count(cell.problems) })}</span>
                      )}
                    </button>
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Bar({ old, now }: { old: number; now: number }) {
  return (
    <span className="qd-bt-bar" aria-hidden>
      <i style={{ width: `${now * 100}%` }} />
      <em style={{ left: `${old * 100}%` }} />
    </span>
  );
}

function Groups({ group, rows, open }: { group: string; rows: GroupCount[]; open: Open }) {
  const { t } = useTranslation();
  const labels = useLabels();
  const { language } = usePreferences();
  const name = (key: string | null) =>
    key === null ? t("filter.unknown") : group === "shop" ? key : labels.value(group, key) || key;
  return (
    <Table<GroupCount>
      size="small"
      rowKey={(row) => row.key ?? ""}
      dataSource={rows}
      pagination={rows.length > 12 ? { pageSize: 12, showSizeChanger: false, size: "small" } : false}
      columns={[
        { key: "name", title: t(`column.${group}`), render: (_, row) => name(row.key) },
        {
          key: "n",
          title: t("studio.bt.orders"),
          align: "right",
          render: (_, row) => (
            <button
              type="button"
              className="qd-link qd-num"
              onClick={() => open(name(row.key), { group, key: row.key ?? "" })}
            >
              {count(row.n)}
            </button>
          ),
        },
        {
          key: "rate",
          title: t("studio.bt.rate"),
          width: 190,
          render: (_, row) => <Bar old={row.old_released / row.n} now={row.new_released / row.n} />,
        },
        {
          key: "new",
          title: t("studio.bt.rateNew"),
          align: "right",
          render: (_, row) => <span className="qd-num">{share(row.new_released / row.n)}</span>,
        },
        {
          key: "change",
          title: t("studio.bt.change"),
          align: "right",
          render: (_, row) => (
            <span className="qd-num">
              {points(row.old_released / row.n, row.new_released / row.n, language)}
            </span>
          ),
        },
        {
          key: "problems",
          title: t("studio.bt.problems"),
          align: "right",
          render: (_, row) => <span className="qd-num">{count(row.problems)}</span>,
        },
      ]}
    />
  );
}

function Rules({ rows, open }: { rows: RuleCount[]; open: Open }) {
  const { t } = useTranslation();
  const labels = useLabels();
  const sorted = [...rows].sort((one, other) => other.alone - one.alone);
  return (
    <Table<RuleCount>
      size="small"
      rowKey="id"
      dataSource={sorted}
      pagination={false}
      columns={[
        {
          key: "name",
          title: t("studio.bt.rule"),
          render: (_, row) => (
            <>
              {labels.say(row.title)} <span className="qd-muted">{t(`policy.${row.kind}`)}</span>
            </>
          ),
        },
        {
          key: "hit",
          title: t("studio.bt.hit"),
          align: "right",
          render: (_, row) => <span className="qd-num">{count(row.hit)}</span>,
        },
        {
          key: "alone",
          title: t("studio.bt.alone"),
          align: "right",
          render: (_, row) =>
            row.alone === 0 ? (
              <span className="qd-muted">0</span>
            ) : (
              <button
                type="button"
                className="qd-link qd-num"
                onClick={() =>
                  open(t("studio.bt.aloneOf", { name: labels.say(row.title) }), { rule: row.id })
                }
              >
                {t("studio.bt.frees", { n: count(row.alone) })}
              </button>
            ),
        },
        {
          key: "bad",
          title: t("studio.bt.aloneProblems"),
          align: "right",
          render: (_, row) =>
            row.alone === 0 ? (
              "—"
            ) : (
              <span className="qd-num">
                {share(row.alone_problems / row.alone)}{" "}
                <span className="qd-muted">≤ {share(row.alone_bound)}</span>
              </span>
            ),
        },
      ]}
    />
  );
}

/** What a backtest found; every figure opens its orders. */
export function Result({ test, result }: { test: Backtest; result: BacktestResult }) {
  const { t } = useTranslation();
  const labels = useLabels();
  const [cell, setCell] = useState<{ title: string; cell: Cell } | null>(null);
  const open: Open = (title, asked) => setCell({ title, cell: asked });
  return (
    <div className="qd-bt" data-testid="backtest-result" data-orders={result.orders}>
      <div className="qd-panel qd-bt-head">
        <Rate name="old" before={null} after={result.old} />
        <span className="qd-bt-arrow" aria-hidden>
          →
        </span>
        <Rate name="new" before={result.old} after={result.new} />
        <dl className="qd-bt-kinds">
          <dt>{t("studio.bt.kinds")}</dt>
          {result.problems.map((one) => (
            <dd key={one.id}>
              {labels.say(one.title)}{" "}
              <span className="qd-num">
                {count(one.old)} → <b>{count(one.new)}</b>
              </span>
            </dd>
          ))}
        </dl>
      </div>
      <div className="qd-bt-two">
        <section>
          <h2>{t("studio.bt.transitions")}</h2>
          <p className="qd-muted">{t("studio.bt.transitionsText", { n: count(result.orders) })}</p>
          <Matrix result={result} open={open} />
        </section>
        <section>
          <h2>{t("studio.bt.rules")}</h2>
          <p className="qd-muted">{t("studio.bt.rulesText")}</p>
          <div className="qd-panel qd-bt-table">
            <Rules rows={result.rules} open={open} />
          </div>
        </section>
      </div>
      <section>
        <h2>{t("studio.bt.where")}</h2>
        <div className="qd-panel qd-bt-table">
          <Tabs
            size="small"
            items={GROUPS.map((group) => ({
              key: group,
              label: t(`column.${group}`),
              children: <Groups group={group} rows={result.by[group] ?? []} open={open} />,
            }))}
          />
        </div>
      </section>
      <OrdersBehind
        title={cell?.title ?? null}
        queryKey={[test.id, cell?.cell]}
        load={(signal) => backtests.orders(test.id, cell?.cell ?? {}, signal)}
        onClose={() => setCell(null)}
      />
    </div>
  );
}
