import { Button, Pagination } from "antd";
import { useTranslation } from "react-i18next";
import { usePreferences } from "../../app/preferences";
import { count } from "../../ui/format";
import { Time } from "../../ui/Time";
import { type Bill, payments, SIZE } from "./api";
import { BillPassword } from "./BillPassword";

interface Props {
  bills: readonly Bill[];
  total: number;
  page: number;
  onPage: (page: number) => void;
}

function Outcome({ bill }: { bill: Bill }) {
  const { t } = useTranslation();
  const { language } = usePreferences();
  const problems = [bill.problem, ...bill.parts.map((part) => part.problem)].filter((one) => one !== null);
  if (bill.state === "failed" || problems.length > 0) {
    const [first] = problems;
    return (
      <span className="qd-pay-problem">
        <b className={bill.locked ? "qd-amber" : "qd-red"}>
          {t(`payments.bill.${bill.locked ? "locked" : bill.state}`)}
        </b>
        {first && (
          <span>{language === "zh" ? first.zh + first.advice_zh : `${first.en} ${first.advice_en}`}</span>
        )}
        {bill.locked && <BillPassword bill={bill} />}
      </span>
    );
  }
  if (bill.matching) return <>{t("payments.bill.matching")}</>;
  if (bill.state === "done" && bill.new === 0 && bill.rows > 0) return <>{t("payments.bill.known")}</>;
  return <>{t(`payments.bill.${bill.state}`)}</>;
}

/** Bills that were taken in, the latest first. */
export function Bills({ bills, total, page, onPage }: Props) {
  const { t } = useTranslation();
  const { language } = usePreferences();
  return (
    <div className="qd-history">
      <table>
        <thead>
          <tr>
            <th scope="col">{t("imports.when")}</th>
            <th scope="col">{t("payments.file")}</th>
            <th scope="col">{t("payments.format")}</th>
            <th scope="col">{t("imports.by")}</th>
            <th scope="col">{t("imports.stateTitle")}</th>
            <th scope="col" className="qd-right">
              {t("payments.rows")}
            </th>
            <th scope="col" className="qd-right">
              {t("payments.new")}
            </th>
            <th scope="col" className="qd-right">
              {t("payments.refusedRows")}
            </th>
            <th scope="col" className="qd-right">
              {t("payments.matchedOrders")}
            </th>
          </tr>
        </thead>
        <tbody>
          {bills.map((bill) => (
            <tr key={bill.id}>
              <td>
                <Time at={bill.created_at} as="short" />
              </td>
              <td>
                <span className="qd-ellipsis" title={`${bill.name}\n${bill.sha256}`}>
                  {bill.name}
                </span>
              </td>
              <td>
                {[...new Set(bill.parts.map((part) => (language === "zh" ? part.format_zh : part.format_en)))]
                  .filter((name) => name !== "")
                  .join(" · ") || "—"}
              </td>
              <td>{bill.by}</td>
              <td>
                <Outcome bill={bill} />
              </td>
              <td className="qd-right qd-num">{count(bill.rows)}</td>
              <td className="qd-right qd-num">{count(bill.new)}</td>
              <td className="qd-right qd-num">
                {bill.refused > 0 ? (
                  <Button type="link" size="small" danger onClick={() => void payments.refused(bill.id)}>
                    {t("payments.takeRefused", { n: count(bill.refused) })}
                  </Button>
                ) : (
                  0
                )}
              </td>
              <td className="qd-right qd-num">{count(bill.orders)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {total > SIZE && (
        <Pagination
          align="end"
          size="small"
          current={page}
          total={total}
          pageSize={SIZE}
          showSizeChanger={false}
          onChange={onPage}
        />
      )}
    </div>
  );
}
