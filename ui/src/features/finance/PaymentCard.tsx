import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { useLabels } from "../../app/catalogue";
import { Money } from "../../ui/Money";
import { Time } from "../../ui/Time";
import { StageTag } from "../../ui/tags";
import type { Payment } from "./api";
import { Entries } from "./Entries";
import { Signed } from "./Signed";
import { DIFFERENCES } from "./views";

interface Props {
  payment: Payment;
  may: boolean;
  onOpen: () => void;
  onSettle: () => void;
}

/** One order beside what the bills say of it. */
export function PaymentCard({ payment, may, onOpen, onSettle }: Props) {
  const { t } = useTranslation();
  const labels = useLabels();
  const differs = (DIFFERENCES as readonly string[]).includes(payment.state);
  const settled = payment.settled_at !== null;
  return (
    <article className="qd-pay-card" aria-label={payment.order_no}>
      <div className="qd-pay-order">
        <div className="qd-pay-title">
          <Button type="link" className="qd-num" onClick={onOpen}>
            {payment.order_no}
          </Button>
          <StageTag id={payment.stage} />
        </div>
        <p className="qd-muted">
          {labels.value("channel", payment.channel)} · {payment.shop}
        </p>
        <p className="qd-muted">
          {payment.pay_method ? labels.value("pay_method", payment.pay_method) : t("payments.methodUnknown")}
          {payment.paid_at && (
            <>
              {" · "}
              {t("payments.paidAt")} <Time at={payment.paid_at} as="short" />
            </>
          )}
        </p>
      </div>
      <div className="qd-pay-verdict">
        <span className={`qd-tag ${differs && !settled ? "qd-pay-differs" : "qd-pay-fits"}`}>
          {labels.value("payment_match", payment.state)}
        </span>
        <dl>
          <dt>{t("payments.due")}</dt>
          <dd>
            <Money fen={payment.due} />
          </dd>
          <dt>{t("payments.paid")}</dt>
          <dd>
            <Money fen={payment.paid} />
          </dd>
          {payment.refunded !== 0 && (
            <>
              <dt>{t("payments.refunded")}</dt>
              <dd>
                <Money fen={payment.refunded} />
              </dd>
            </>
          )}
          <dt>{t("payments.difference")}</dt>
          <dd className="qd-pay-sum">
            <Signed fen={payment.difference} />
          </dd>
        </dl>
      </div>
      <div className="qd-pay-bill">
        <Entries rows={payment.entries} />
        {payment.events.map((event) => (
          <p key={event.at} className="qd-pay-event">
            <Time at={event.at} as="short" />{" "}
            {event.kind === "settled"
              ? t("payments.settledBy", { name: event.by, note: event.note })
              : t("payments.reopened")}
          </p>
        ))}
      </div>
      <div className="qd-pay-do">
        {differs && !settled && may && <Button onClick={onSettle}>{t("payments.settle")}</Button>}
        {settled && <span className="qd-muted">{t("payments.views.settled")}</span>}
      </div>
    </article>
  );
}
