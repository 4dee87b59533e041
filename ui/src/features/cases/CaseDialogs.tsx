import { DatePicker, Form, Input, Modal, Radio, Select } from "antd";
import dayjs, { type Dayjs } from "dayjs";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useLabels } from "../../app/catalogue";
import { Problem } from "../../ui/Problem";
import { type Case, cases, OUTCOMES, OWNER_ROLES, type Person, useAct } from "./api";

export type Dialog = "wait" | "close" | "assign";
const HOURS = [4, 24, 48, 72];

interface Props {
  what: Dialog;
  shown: Case;
  people: readonly Person[];
  onClose: () => void;
}

/** Asks for what waiting, closing or giving away a case needs. */
export function CaseDialog({ what, shown, people, onClose }: Props) {
  const { t } = useTranslation();
  const labels = useLabels();
  const [note, setNote] = useState("");
  const [until, setUntil] = useState<Dayjs | null>(dayjs().add(1, "day"));
  const [outcome, setOutcome] = useState<(typeof OUTCOMES)[number]>("solved");
  const [role, setRole] = useState(shown.owner_role as (typeof OWNER_ROLES)[number]);
  const [to, setTo] = useState<number | null>(null);
  const seen = { version: shown.version, note: note.trim() };
  const act = useAct((): Promise<Case> => {
    if (what === "wait") return cases.wait(shown.id, { ...seen, until: until?.toISOString() ?? null });
    if (what === "close") return cases.close(shown.id, { ...seen, outcome });
    return cases.assign(shown.id, { ...seen, role, to });
  }, onClose);
  return (
    <Modal
      open
      title={t(`cases.ask.${what}`)}
      okText={t(`cases.act.${what}`)}
      cancelText={t("action.cancel")}
      confirmLoading={act.isPending}
      onOk={() => act.mutate(undefined)}
      onCancel={onClose}
      width={480}
    >
      <Form layout="vertical">
        <p className="qd-muted qd-dialog-note">{t(`cases.askNote.${what}`)}</p>
        {what === "wait" && (
          <Form.Item label={t("cases.until")}>
            <div className="qd-quick">
              <DatePicker
                showTime={{ format: "HH:mm" }}
                format="YYYY-MM-DD HH:mm"
                value={until}
                minDate={dayjs()}
                onChange={setUntil}
                aria-label={t("cases.until")}
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
        {what === "close" && (
          <Form.Item label={t("cases.outcomeLabel")}>
            <Radio.Group
              value={outcome}
              onChange={(event) => setOutcome(event.target.value)}
              options={OUTCOMES.map((value) => ({ value, label: t(`cases.outcome.${value}`) }))}
            />
          </Form.Item>
        )}
        {what === "assign" && (
          <>
            <Form.Item label={t("cases.role")}>
              <Select
                value={role}
                onChange={setRole}
                options={OWNER_ROLES.map((value) => ({ value, label: labels.role(value) }))}
              />
            </Form.Item>
            <Form.Item label={t("cases.person")}>
              <Select
                allowClear
                showSearch={{ optionFilterProp: "label" }}
                value={to}
                placeholder={t("cases.anyone")}
                onChange={(value) => setTo(value ?? null)}
                options={people.map((person) => ({ value: person.id, label: person.name }))}
              />
            </Form.Item>
          </>
        )}
        <Form.Item label={t("cases.noteLabel")}>
          <Input.TextArea
            autoSize={{ minRows: 2, maxRows: 5 }}
            value={note}
            maxLength={2000}
            onChange={(event) => setNote(event.target.value)}
          />
        </Form.Item>
      </Form>
      {act.isError && <Problem error={act.error} />}
    </Modal>
  );
}
