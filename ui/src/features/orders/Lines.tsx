import { useTranslation } from "react-i18next";
import type { FieldValue } from "../../api/types";
import { useLabels } from "../../app/catalogue";
import { Money } from "../../ui/Money";

const fen = (value: FieldValue | undefined) => (typeof value === "number" ? value : null);

/** The goods of the order. */
export function Lines({ lines }: { lines: readonly Record<string, FieldValue>[] }) {
  const { t } = useTranslation();
  const labels = useLabels();
  if (lines.length === 0) return <p className="qd-muted">{t("order.noLines")}</p>;
  return (
    <div className="qd-lines-scroll">
      <table className="qd-lines">
        <thead>
          <tr>
            <th scope="col">{labels.field("title")}</th>
            <th scope="col">{labels.field("sku_code")}</th>
            <th scope="col" className="qd-right">
              {labels.field("quantity")}
            </th>
            <th scope="col" className="qd-right">
              {labels.field("unit_price")}
            </th>
            <th scope="col" className="qd-right">
              {labels.field("line_paid_amount")}
            </th>
            <th scope="col">{labels.field("line_refund_state")}</th>
          </tr>
        </thead>
        <tbody>
          {lines.map((line) => (
            <tr key={String(line.line_no)}>
              <td>
                {line.title || "—"}
                {line.gift === true && <span className="qd-tag">{labels.field("gift")}</span>}
                {line.spec ? <div className="qd-muted">{line.spec}</div> : null}
              </td>
              <td className="qd-code">{line.sku_code || "—"}</td>
              <td className="qd-right qd-num">{line.quantity ?? "—"}</td>
              <td className="qd-right">
                <Money fen={fen(line.unit_price)} />
              </td>
              <td className="qd-right">
                <Money fen={fen(line.line_paid_amount)} />
              </td>
              <td>
                {typeof line.line_refund_state === "string"
                  ? labels.value("line_refund_state", line.line_refund_state)
                  : "—"}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
