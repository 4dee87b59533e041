import { Input, Modal } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Problem } from "../../ui/Problem";

interface Props {
  title: string;
  hint: string;
  busy: boolean;
  error: unknown;
  onCancel: () => void;
  onGive: (reason: string) => void;
}

/** Asks why. */
export function ReasonDialog({ title, hint, busy, error, onCancel, onGive }: Props) {
  const { t } = useTranslation();
  const [reason, setReason] = useState("");
  return (
    <Modal
      open
      title={title}
      okText={t("action.confirm")}
      cancelText={t("action.cancel")}
      okButtonProps={{ disabled: reason.trim() === "", loading: busy }}
      onCancel={onCancel}
      onOk={() => onGive(reason)}
    >
      <Input.TextArea
        autoFocus
        rows={3}
        maxLength={500}
        value={reason}
        aria-label={t("oversight.reason")}
        placeholder={hint}
        onChange={(event) => setReason(event.target.value)}
      />
      {error !== null && <Problem error={error} />}
    </Modal>
  );
}
