import { useTranslation } from "react-i18next";
import { usePreferences } from "../../app/preferences";
import { money } from "../../ui/format";
import { Time } from "../../ui/Time";
import type { Entry } from "./api";

/** Rows of bills, and where each of them stands. */
export function Entries({ rows, numbers = false }: { rows: readonly Entry[]; numbers?: boolean }) {
  const { t } = useTranslation();
  const { language } = usePreferences();
  if (rows.length === 0) return <p className="qd-muted qd-pay-none">{t("payments.noEntries")}</p>;
  return (
    <table className="qd-pay-entries">
      <thead>
        <tr>
          <th scope="col">{t("payments.at")}</th>
          <th scope="col">{t("payments.kind")}</th>
          <th scope="col" className="qd-pay-right">
            {t("payments.amount")}
          </th>
          <th scope="col">{t("payments.tradeNo")}</th>
          {numbers && <th scope="col">{t("payments.namedOrder")}</th>}
          <th scope="col">{t("payments.stands")}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((one) => (
          <tr key={one.id}>
            <td>
              <Time at={one.at} as="short" />
            </td>
            <td>{t(`payments.kinds.${one.kind}`)}</td>
            <td className={`qd-pay-right qd-num ${one.amount < 0 ? "qd-red" : ""}`}>
              {one.amount > 0 ? "+" : ""}
              {money(one.amount)}
            </td>
            <td className="qd-num">{one.trade_no ?? (one.entry_no.includes(":") ? "—" : one.entry_no)}</td>
            {numbers && <td className="qd-num">{one.order_no ?? one.merchant_order_no ?? "—"}</td>}
            <td>
              <span
                className="qd-ellipsis qd-muted qd-pay-file"
                title={`${language === "zh" ? one.format_zh : one.format_en} · ${one.file}`}
              >
                {t("payments.row", { file: one.file, row: one.row })}
              </span>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
