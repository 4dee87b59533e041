import { DeleteOutlined } from "@ant-design/icons";
import { Button, DatePicker, Form, Input, Modal, Select, Switch } from "antd";
import dayjs, { type Dayjs } from "dayjs";
import { useTranslation } from "react-i18next";
import { type Calendar, people, readHours, writeHours } from "./api";
import { useSave } from "./useSave";

interface Values {
  name: string;
  week: string[];
  works_holidays: boolean;
  make_up_like: number;
  own_days?: { day: Dayjs; spans?: string }[];
}

const USUAL = "09:00-12:00 13:00-18:00";
const WEEKDAYS = [0, 1, 2, 3, 4, 5, 6];

/** Adds or changes a calendar. */
export function CalendarDialog({ calendar, onDone }: { calendar: Calendar | undefined; onDone: () => void }) {
  const { t } = useTranslation();
  const [form] = Form.useForm<Values>();
  const save = useSave(
    ({ week, own_days, ...rest }: Values) =>
      people.saveCalendar({
        ...rest,
        id: calendar?.id ?? null,
        week: week.map((text) => readHours(text ?? "")),
        own_days: Object.fromEntries(
          (own_days ?? []).map(({ day, spans }) => [day.format("YYYY-MM-DD"), readHours(spans ?? "")]),
        ),
      }),
    onDone,
  );
  const need = [{ required: true, message: t("people.needed") }];
  return (
    <Modal
      open
      width={680}
      title={t(calendar ? "people.calendar.change" : "people.calendar.add")}
      okText={t("people.save")}
      cancelText={t("action.cancel")}
      confirmLoading={save.isPending}
      onOk={form.submit}
      onCancel={onDone}
    >
      <Form<Values>
        form={form}
        layout="vertical"
        className="qd-people-form"
        initialValues={{
          name: calendar?.name ?? "",
          week: calendar?.week.map(writeHours) ?? WEEKDAYS.map(() => USUAL),
          works_holidays: calendar?.works_holidays ?? false,
          make_up_like: calendar?.make_up_like ?? 0,
          own_days: Object.entries(calendar?.own_days ?? {}).map(([day, spans]) => ({
            day: dayjs(day),
            spans: writeHours(spans),
          })),
        }}
        onFinish={(values) => save.mutate(values)}
      >
        <Form.Item name="name" label={t("people.calendar.name")} rules={need} className="qd-people-wide">
          <Input maxLength={64} autoFocus />
        </Form.Item>
        <p className="qd-muted qd-people-wide">{t("people.calendar.how")}</p>
        {WEEKDAYS.map((day) => (
          <Form.Item key={day} name={["week", day]} label={t(`people.weekday.${day}`)}>
            <Input maxLength={80} placeholder={t("people.roster.off")} />
          </Form.Item>
        ))}
        <Form.Item
          name="make_up_like"
          label={t("people.calendar.makeUp")}
          tooltip={t("people.calendar.makeUpHint")}
        >
          <Select options={WEEKDAYS.map((day) => ({ value: day, label: t(`people.weekday.${day}`) }))} />
        </Form.Item>
        <Form.Item name="works_holidays" label={t("people.calendar.worksHolidays")} valuePropName="checked">
          <Switch />
        </Form.Item>
        <Form.List name="own_days">
          {(fields, { add, remove }) => (
            <fieldset className="qd-people-wide qd-team-members">
              <legend>{t("people.calendar.ownDays")}</legend>
              <p className="qd-muted">{t("people.calendar.ownDaysHint")}</p>
              {fields.map(({ key, name }) => (
                <div key={key} className="qd-own-day">
                  <Form.Item name={[name, "day"]} rules={need}>
                    <DatePicker />
                  </Form.Item>
                  <Form.Item name={[name, "spans"]}>
                    <Input
                      maxLength={80}
                      placeholder={t("people.roster.off")}
                      aria-label={t("people.shift.spans")}
                    />
                  </Form.Item>
                  <Button
                    type="text"
                    danger
                    icon={<DeleteOutlined />}
                    aria-label={t("people.calendar.removeDay")}
                    onClick={() => remove(name)}
                  />
                </div>
              ))}
              <Button type="dashed" block onClick={() => add({})}>
                {t("people.calendar.addDay")}
              </Button>
            </fieldset>
          )}
        </Form.List>
      </Form>
    </Modal>
  );
}
