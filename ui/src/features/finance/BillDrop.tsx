import { FileTextOutlined } from "@ant-design/icons";
import { Button, Progress } from "antd";
import { type DragEvent, useRef, useState } from "react";
import { useTranslation } from "react-i18next";

interface Props {
  busy: boolean;
  sent: number;
  onFiles: (files: File[]) => void;
}

/** Where bills are dropped as they were downloaded. */
export function BillDrop({ busy, sent, onFiles }: Props) {
  const { t } = useTranslation();
  const [over, setOver] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const take = (list: FileList | null) => {
    const files = [...(list ?? [])];
    if (files.length > 0) onFiles(files);
    if (input.current) input.current.value = "";
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    if (!busy) take(event.dataTransfer.files);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping is the mouse's way; the button is everyone's
    <div
      className={over ? "qd-drop qd-drop-over" : "qd-drop"}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <FileTextOutlined className="qd-drop-icon" aria-hidden />
      <div className="qd-drop-text">
        <strong>{t("payments.drop")}</strong>
        <p>{t("payments.dropHint")}</p>
        {busy && <Progress percent={Math.round(sent * 100)} size="small" aria-label={t("imports.sending")} />}
      </div>
      <input
        ref={input}
        type="file"
        multiple
        accept=".csv,.xlsx,.xls,.zip,.txt"
        className="qd-visually-hidden"
        tabIndex={-1}
        aria-label={t("payments.choose")}
        data-testid="bills"
        onChange={(event) => take(event.target.files)}
      />
      <Button type="primary" loading={busy} onClick={() => input.current?.click()}>
        {t("payments.choose")}
      </Button>
    </div>
  );
}
