import { DatePicker, Form, Input, Modal, Select } from "antd";
import dayjs, { type Dayjs } from "dayjs";
import { useTranslation } from "react-i18next";
import { useZone } from "../../app/session";
import { inZone, LEAVES, type LeaveIn, people, type Teams } from "./api";
import { useSave } from "./useSave";

const WALL = "YYYY-MM-DDTHH:mm";

interface Values {
  user_id: number;
  kind: LeaveIn["kind"];
  span: [Dayjs, Dayjs];
  note?: string;
}

interface Props {
  people: Teams["people"];
  user: number | undefined;
  day: string;
  onDone: () => void;
}

/** Writes leave down: whole days by default, any hours if wanted. */
export function LeaveDialog({ people: known, user, day, onDone }: Props) {
  const { t } = useTranslation();
  const zone = useZone();
  const [form] = Form.useForm<Values>();
  const first = dayjs(day);
  const add = useSave(
    ({ span, note, ...rest }: Values) =>
      people.addLeave({
        ...rest,
        note: note?.trim() ?? "",
        begins_at: inZone(span[0].format(WALL), zone),
        ends_at: inZone(span[1].format(WALL), zone),
      }),
    onDone,
  );
  return (
    <Modal
      open
      title={t("people.leave.title")}
      okText={t("people.leave.save")}
      cancelText={t("action.cancel")}
      confirmLoading={add.isPending}
      onOk={form.submit}
      onCancel={onDone}
    >
      <p className="qd-muted">{t("people.leave.effect")}</p>
      <Form<Values>
        form={form}
        layout="vertical"
        className="qd-people-form"
        initialValues={{ user_id: user, kind: "annual", span: [first, first.add(1, "day")] }}
        onFinish={(values) => add.mutate(values)}
      >
        <Form.Item
          name="user_id"
          label={t("people.roster.person")}
          rules={[{ required: true, message: t("people.needed") }]}
        >
          <Select
            showSearch={{ optionFilterProp: "label" }}
            options={known.map(({ id, name }) => ({ value: id, label: name }))}
          />
        </Form.Item>
        <Form.Item name="kind" label={t("people.leave.what")}>
          <Select options={LEAVES.map((kind) => ({ value: kind, label: t(`people.leave.kind.${kind}`) }))} />
        </Form.Item>
        <Form.Item
          name="span"
          label={t("people.leave.when")}
          className="qd-people-wide"
          rules={[{ required: true, message: t("people.needed") }]}
        >
          <DatePicker.RangePicker
            showTime={{ format: "HH:mm", minuteStep: 30 }}
            format="YYYY-MM-DD HH:mm"
            className="qd-wide"
          />
        </Form.Item>
        <Form.Item name="note" label={t("people.leave.note")} className="qd-people-wide">
          <Input maxLength={200} />
        </Form.Item>
      </Form>
    </Modal>
  );
}
