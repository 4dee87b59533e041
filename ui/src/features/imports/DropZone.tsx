import { InboxOutlined } from "@ant-design/icons";
import { App, Button, Input, Progress } from "antd";
import { type DragEvent, useId, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { ACCEPTED, sortOut } from "./states";

interface Props {
  busy: boolean;
  /** How much of the files has left this browser, 0 to 1. */
  sent: number;
  onFiles: (files: File[], shop: string) => void;
}

/** Where the exports are dropped; several at once, imported as soon as they land. */
export function DropZone({ busy, sent, onFiles }: Props) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const [over, setOver] = useState(false);
  const [shop, setShop] = useState("");
  const input = useRef<HTMLInputElement>(null);
  const hint = useId();

  const take = (list: FileList | null) => {
    const { taken, left } = sortOut([...(list ?? [])]);
    if (left.length > 0)
      message.warning(t("imports.notTaken", { names: left.map((file) => file.name).join(" · ") }));
    if (taken.length > 0) onFiles(taken, shop.trim());
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
      <InboxOutlined className="qd-drop-icon" aria-hidden />
      <div className="qd-drop-text">
        <strong>{t("imports.drop")}</strong>
        <p id={hint}>{t("imports.dropHint")}</p>
        {busy && <Progress percent={Math.round(sent * 100)} size="small" aria-label={t("imports.sending")} />}
      </div>
      <Input
        className="qd-drop-shop"
        value={shop}
        onChange={(event) => setShop(event.target.value)}
        placeholder={t("imports.shop")}
        aria-label={t("imports.shop")}
        maxLength={60}
      />
      <input
        ref={input}
        type="file"
        multiple
        accept={ACCEPTED.join(",")}
        className="qd-visually-hidden"
        tabIndex={-1}
        aria-label={t("imports.choose")}
        data-testid="files"
        onChange={(event) => take(event.target.files)}
      />
      <Button type="primary" loading={busy} aria-describedby={hint} onClick={() => input.current?.click()}>
        {t("imports.choose")}
      </Button>
    </div>
  );
}
