import { DatePicker, Form, Input, Modal, Segmented } from "antd";
import dayjs, { type Dayjs } from "dayjs";
import { type KeyboardEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import type { DeskRow, HoldName, SkipCode } from "./api";

export type Asked = "hold" | "exception" | "refuse" | "escalate" | "skip" | "snooze" | "review";

export interface Answer {
  reason: string;
  hold: HoldName;
  until: string | null;
  code: SkipCode;
}

interface Props {
  asked: Asked;
  row: Pick<DeskRow, "order_no">;
  onAnswer: (answer: Answer) => void;
  onClose: () => void;
}

const HOLDS: HoldName[] = ["time", "reply", "stock", "refund"];
const CODES: SkipCode[] = ["unsure", "waiting_info", "needs_other", "own_order", "other"];
const HOURS = [1, 4, 24, 72];
const FREE = new Set<Asked>(["snooze", "review"]);

/** Asks for what a verdict needs beyond its key: a phrase by its number, or words; Enter gives it. */
export function AskDialog({ asked, row, onAnswer, onClose }: Props) {
  const { t } = useTranslation();
  const [reason, setReason] = useState("");
  const [hold, setHold] = useState<HoldName>("reply");
  const [until, setUntil] = useState<Dayjs | null>(asked === "snooze" ? dayjs().add(1, "hour") : null);
  const [code, setCode] = useState<SkipCode>("unsure");
  const phrases = t(`desk.phrases.${asked}`, { defaultValue: "" }).split("|").filter(Boolean);
  const needsUntil = asked === "snooze" || (asked === "hold" && hold === "time");
  const wanting =
    (needsUntil && until === null) ||
    (asked === "skip" ? code === "other" && !reason.trim() : !FREE.has(asked) && !reason.trim());
  const give = () => {
    if (!wanting) onAnswer({ reason: reason.trim(), hold, until: until?.toISOString() ?? null, code });
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    const phrase = /^Digit([1-9])$/.exec(event.code);
    if (phrase && reason === "" && phrases[Number(phrase[1]) - 1]) {
      event.preventDefault();
      setReason(phrases[Number(phrase[1]) - 1] ?? "");
    } else if (event.key === "Enter") {
      event.preventDefault();
      give();
    }
  };
  return (
    <Modal
      open
      title={t(`desk.ask.${asked}`, { number: row.order_no })}
      okText={t(`desk.verdict.${asked}`)}
      cancelText={t("action.cancel")}
      okButtonProps={{ disabled: wanting, danger: asked === "refuse" || asked === "exception" }}
      onOk={give}
      onCancel={onClose}
      width={580}
      destroyOnHidden
    >
      <Form layout="vertical" className="qd-ask" data-testid="ask" data-asked={asked}>
        {asked === "hold" && (
          <Form.Item label={t("desk.holdFor")}>
            <Segmented<HoldName>
              block
              value={hold}
              onChange={setHold}
              options={HOLDS.map((value) => ({ value, label: t(`desk.hold.${value}`) }))}
            />
          </Form.Item>
        )}
        {asked === "skip" && (
          <Form.Item label={t("desk.skipWhy")}>
            <Segmented<SkipCode>
              block
              value={code}
              onChange={setCode}
              options={CODES.map((value) => ({ value, label: t(`desk.skip.${value}`) }))}
            />
          </Form.Item>
        )}
        {(asked === "hold" || asked === "snooze") && (
          <Form.Item label={needsUntil ? t("desk.until") : t("desk.untilAtMost")} required={needsUntil}>
            <div className="qd-ask-until">
              <DatePicker
                showTime={{ format: "HH:mm" }}
                format="YYYY-MM-DD HH:mm"
                value={until}
                onChange={setUntil}
                minDate={dayjs()}
                aria-label={t("desk.until")}
              />
              {HOURS.map((hours) => (
                <button
                  key={hours}
                  type="button"
                  className="qd-tag"
                  onClick={() => setUntil(dayjs().add(hours, "hour"))}
                >
                  {t("desk.inHours", { hours })}
                </button>
              ))}
            </div>
          </Form.Item>
        )}
        <Form.Item label={t("desk.reason")} required={!FREE.has(asked) && asked !== "skip"}>
          <Input
            autoFocus
            value={reason}
            maxLength={500}
            placeholder={t("desk.reasonHint")}
            aria-label={t("desk.reason")}
            onChange={(event) => setReason(event.target.value)}
            onKeyDown={onKey}
          />
        </Form.Item>
        {phrases.length > 0 && (
          <div className="qd-phrases">
            {phrases.map((phrase, number) => (
              <button key={phrase} type="button" className="qd-tag" onClick={() => setReason(phrase)}>
                <kbd>{number + 1}</kbd> {phrase}
              </button>
            ))}
          </div>
        )}
      </Form>
    </Modal>
  );
}
