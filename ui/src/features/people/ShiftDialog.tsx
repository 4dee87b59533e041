import { DeleteOutlined } from "@ant-design/icons";
import { Button, Form, Input, Modal, Popconfirm } from "antd";
import { useTranslation } from "react-i18next";
import { people, readHours, type Shift, writeHours } from "./api";
import { useSave } from "./useSave";

interface Values {
  name: string;
  spans?: string;
}

/** Named shifts that the roster is put together from. */
export function ShiftDialog({ shifts, onDone }: { shifts: readonly Shift[]; onDone: () => void }) {
  const { t } = useTranslation();
  return (
    <Modal open title={t("people.shift.title")} footer={null} width={620} onCancel={onDone}>
      <p className="qd-muted">{t("people.shift.how")}</p>
      {shifts.map((shift) => (
        <ShiftRow key={`${shift.id}-${shift.name}-${shift.spans.join()}`} shift={shift} />
      ))}
      <ShiftRow key={`new-${shifts.length}`} />
    </Modal>
  );
}

function ShiftRow({ shift }: { shift?: Shift }) {
  const { t } = useTranslation();
  const [form] = Form.useForm<Values>();
  const save = useSave(({ name, spans }: Values) =>
    people.saveShift({ id: shift?.id ?? null, name: name.trim(), spans: readHours(spans ?? "") }),
  );
  const drop = useSave((id: number) => people.dropShift(id));
  return (
    <Form<Values>
      form={form}
      layout="inline"
      className="qd-shift-row"
      initialValues={{ name: shift?.name ?? "", spans: writeHours(shift?.spans ?? []) }}
      onFinish={(values) => save.mutate(values)}
    >
      <Form.Item name="name" rules={[{ required: true, message: t("people.needed") }]}>
        <Input maxLength={32} placeholder={t("people.shift.name")} aria-label={t("people.shift.name")} />
      </Form.Item>
      <Form.Item name="spans">
        <Input maxLength={80} placeholder="09:00-12:00 13:00-18:00" aria-label={t("people.shift.spans")} />
      </Form.Item>
      <Button htmlType="submit" loading={save.isPending}>
        {t(shift ? "people.save" : "people.add")}
      </Button>
      {shift && (
        <Popconfirm
          title={t("people.shift.dropTitle", { name: shift.name })}
          description={t("people.shift.dropText")}
          onConfirm={() => drop.mutate(shift.id)}
        >
          <Button
            type="text"
            danger
            icon={<DeleteOutlined />}
            aria-label={t("people.shift.drop", { name: shift.name })}
          />
        </Popconfirm>
      )}
    </Form>
  );
}
