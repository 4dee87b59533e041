import { Progress } from "antd";
import { useTranslation } from "react-i18next";
import { useLabels } from "../../app/catalogue";
import { count, money } from "../../ui/format";
import { Time } from "../../ui/Time";
import type { Check, Result } from "./api";

const FIGURES = ["rows", "orders", "lines", "refused"] as const;
const OF_VALUES = new Set(["platform_state", "province", "pay_method", "refund_state", "channel"]);

export function Figures({ result, stale }: { result: Result; stale: boolean }) {
  const { t } = useTranslation();
  const unknown = result.words.flatMap((column) => column.words).filter((word) => !word.value).length;
  return (
    <dl className="qd-map-figures" data-testid="mapping-figures" data-stale={stale} aria-busy={stale}>
      {FIGURES.map((key) => (
        <div key={key}>
          <dt>{t(`mapping.figure.${key}`)}</dt>
          <dd
            className={key === "refused" && result.refused > 0 ? "qd-num qd-red" : "qd-num"}
            data-testid={`mapping-${key}`}
            data-value={result[key]}
          >
            {count(result[key])}
          </dd>
        </div>
      ))}
      <div>
        <dt>{t("mapping.figure.unknown")}</dt>
        <dd
          className={unknown > 0 ? "qd-num qd-amber" : "qd-num"}
          data-testid="mapping-unknown"
          data-value={unknown}
        >
          {count(unknown)}
        </dd>
      </div>
    </dl>
  );
}

export function Working({ check }: { check: Check }) {
  const { t } = useTranslation();
  return (
    <div className="qd-map-working">
      <span className="qd-muted">{t("mapping.checking")}</span>
      <Progress percent={Math.round(check.progress * 100)} aria-label={t("mapping.checking")} />
    </div>
  );
}

function Preview({ result }: { result: Result }) {
  const { t } = useTranslation();
  const labels = useLabels();
  const shown = (name: string, value: unknown) => {
    if (value === null || value === undefined || value === "") return <span className="qd-muted">—</span>;
    if (name === "paid_amount") return money(value as number);
    if (name.endsWith("_at")) return <Time at={value as string} as="short" />;
    if (OF_VALUES.has(name)) return labels.value(name, String(value));
    return String(value);
  };
  return (
    <section aria-label={t("mapping.asOrders")}>
      <h3>{t("mapping.asOrders")}</h3>
      <div className="qd-map-sheet">
        <table>
          <thead>
            <tr>
              {result.columns.map((name) => (
                <th key={name} scope="col">
                  {labels.field(name)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {result.preview.map((order) => (
              <tr key={`${order.channel}${order.order_no}`}>
                {result.columns.map((name) => (
                  <td key={name} className={name === "paid_amount" ? "qd-num" : undefined}>
                    {shown(name, order[name])}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Finding({
  level,
  text,
  more,
}: {
  level: "error" | "warning" | "info";
  text: string;
  more?: string;
}) {
  return (
    <li className={`qd-map-finding-${level}`}>
      {text} {more && <span className="qd-muted">{more}</span>}
    </li>
  );
}

/** What the whole file becomes: what is wrong with it first, then its orders. */
export function CheckStep({ result }: { result: Result }) {
  const { t } = useTranslation();
  const labels = useLabels();
  const advice = (said: { advice_zh: string; advice_en: string }) =>
    labels.language === "zh" ? said.advice_zh : said.advice_en;
  const open = result.words.filter((column) => column.words.some((word) => !word.value));
  return (
    <div data-testid="mapping-check">
      <ul className="qd-map-findings">
        {result.orders === 0 && <Finding level="error" text={t("mapping.nothing")} />}
        {result.findings.map((finding) => (
          <Finding
            key={finding.id}
            level="warning"
            text={t(`mapping.finding.${finding.id}`, {
              n: count(finding.count ?? 0),
              of: count(finding.of ?? 0),
            })}
            more={t("mapping.forExample", { orders: (finding.orders ?? []).join(t("mapping.and")) })}
          />
        ))}
        {open.map((column) => (
          <Finding
            key={column.field}
            level="warning"
            text={t("mapping.openWords", {
              title: column.title,
              words: column.words
                .filter((word) => !word.value)
                .slice(0, 6)
                .map((word) => word.word)
                .join(t("mapping.and")),
            })}
          />
        ))}
        {result.refusals.map((refusal) => (
          <Finding
            key={refusal.id}
            level="error"
            text={t("mapping.refusedRows", {
              n: count(refusal.count),
              rows: refusal.rows.join(t("mapping.and")),
              why: labels.say(refusal),
            })}
            more={advice(refusal)}
          />
        ))}
        {result.notices.map((notice) => (
          <Finding key={notice.id + notice.zh} level="info" text={labels.say(notice)} />
        ))}
      </ul>
      {result.preview.length > 0 && <Preview result={result} />}
    </div>
  );
}
