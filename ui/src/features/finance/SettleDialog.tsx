import { Input, Modal } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useLabels } from "../../app/catalogue";
import { Problem } from "../../ui/Problem";
import type { Payment } from "./api";
import { Signed } from "./Signed";

interface Props {
  payment: Payment;
  busy: boolean;
  error: unknown;
  onCancel: () => void;
  onSettle: (note: string) => void;
}

/** Asks how a difference was settled. */
export function SettleDialog({ payment, busy, error, onCancel, onSettle }: Props) {
  const { t } = useTranslation();
  const labels = useLabels();
  const [note, setNote] = useState("");
  return (
    <Modal
      open
      title={t("payments.settleTitle", { number: payment.order_no })}
      okText={t("payments.settle")}
      cancelText={t("action.cancel")}
      okButtonProps={{ disabled: note.trim() === "", loading: busy }}
      onCancel={onCancel}
      onOk={() => onSettle(note)}
    >
      <p className="qd-pay-ask">
        {labels.value("payment_match", payment.state)} <Signed fen={payment.difference} />
      </p>
      <Input.TextArea
        autoFocus
        rows={3}
        maxLength={500}
        value={note}
        aria-label={t("payments.noteLabel")}
        placeholder={t("payments.noteHint")}
        onChange={(event) => setNote(event.target.value)}
      />
      <p className="qd-muted qd-pay-ask">{t("payments.settleEffect")}</p>
      {error !== null && <Problem error={error} />}
    </Modal>
  );
}
