import { useTranslation } from "react-i18next";
import { Money } from "../../ui/Money";
import { Time } from "../../ui/Time";
import type { Talk } from "./api";

const SUMS = ["due", "paid", "refunded", "difference"] as const;

/** What the bills say of the order's payment, row by row. */
export function Bill({ payment }: { payment: Talk["payment"] }) {
  const { t } = useTranslation();
  if (!payment) return <p className="qd-muted">{t("cases.payment.none")}</p>;
  return (
    <div className="qd-stack" data-testid="bill">
      <dl className="qd-clocks">
        {SUMS.map((sum) => (
          <div key={sum}>
            <dt>{t(`cases.payment.${sum}`)}</dt>
            <dd className={sum === "difference" && payment.difference !== 0 ? "qd-red" : ""}>
              <Money fen={payment[sum]} />
            </dd>
          </div>
        ))}
      </dl>
      {payment.entries.length > 0 && (
        <table className="qd-bill-rows">
          <thead>
            <tr>
              {["at", "kind", "amount", "entry"].map((key) => (
                <th key={key} scope="col">
                  {t(`cases.payment.head.${key}`)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {payment.entries.map((entry) => (
              <tr key={`${entry.bill}-${entry.row}`}>
                <td>
                  <Time at={entry.at} as="short" />
                </td>
                <td>{t(`payments.kinds.${entry.kind}`, { defaultValue: entry.kind })}</td>
                <td>
                  <Money fen={entry.amount} />
                </td>
                <td className="qd-num">{entry.entry_no}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </div>
  );
}
