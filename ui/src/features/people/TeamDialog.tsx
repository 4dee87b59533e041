import { DeleteOutlined } from "@ant-design/icons";
import { Button, Form, Input, InputNumber, Modal, Select, Switch } from "antd";
import { useTranslation } from "react-i18next";
import { useLabels } from "../../app/catalogue";
import { OWNERS, people, type Team, type TeamIn, type Teams } from "./api";
import { useSave } from "./useSave";

type Values = Omit<TeamIn, "id" | "members"> & {
  members?: { user_id: number; skills?: string[]; cap: number }[];
};

interface Props {
  setup: Teams;
  team: Team | undefined;
  onDone: () => void;
}

/** Adds or changes a team. */
export function TeamDialog({ setup, team, onDone }: Props) {
  const { t } = useTranslation();
  const labels = useLabels();
  const [form] = Form.useForm<Values>();
  const save = useSave(
    ({ members, lead_id, ...rest }: Values) =>
      people.saveTeam({
        ...rest,
        id: team?.id ?? null,
        lead_id: lead_id ?? null,
        members: (members ?? []).map((member) => ({ ...member, skills: member.skills ?? [] })),
      }),
    onDone,
  );
  const skills = [
    {
      label: labels.field("channel"),
      options: labels
        .options({ field: "channel" })
        .map((o) => ({ value: `channel:${o.value}`, label: o.label })),
    },
    {
      label: t("people.teams.reasons"),
      options: labels.options("reasons").map((o) => ({ value: `reason:${o.value}`, label: o.label })),
    },
  ];
  const everybody = setup.people.map(({ id, name }) => ({ value: id, label: name }));
  const need = [{ required: true, message: t("people.needed") }];
  return (
    <Modal
      open
      width={760}
      title={t(team ? "people.teams.change" : "people.teams.add")}
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
        initialValues={
          team ?? { role: "front_line", active: true, calendar_id: setup.calendars[0]?.id, members: [] }
        }
        onFinish={(values) => save.mutate(values)}
      >
        <Form.Item name="name" label={t("people.teams.name")} rules={need}>
          <Input maxLength={64} autoFocus />
        </Form.Item>
        <Form.Item name="role" label={t("people.teams.role")} tooltip={t("people.teams.roleHint")}>
          <Select options={OWNERS.map((role) => ({ value: role, label: labels.role(role) }))} />
        </Form.Item>
        <Form.Item name="calendar_id" label={t("people.teams.calendar")} rules={need}>
          <Select options={setup.calendars.map(({ id, name }) => ({ value: id, label: name }))} />
        </Form.Item>
        <Form.Item name="lead_id" label={t("people.teams.lead")} tooltip={t("people.teams.leadHint")}>
          <Select allowClear showSearch={{ optionFilterProp: "label" }} options={everybody} />
        </Form.Item>
        <Form.List name="members">
          {(fields, { add, remove }) => (
            <fieldset className="qd-people-wide qd-team-members">
              <legend>{t("people.teams.members")}</legend>
              <p className="qd-muted">{t("people.teams.skillsHint")}</p>
              {fields.map(({ key, name }) => (
                <div key={key} className="qd-team-member">
                  <Form.Item name={[name, "user_id"]} rules={need}>
                    <Select
                      showSearch={{ optionFilterProp: "label" }}
                      options={everybody}
                      aria-label={t("people.roster.person")}
                      placeholder={t("people.roster.person")}
                    />
                  </Form.Item>
                  <Form.Item name={[name, "skills"]}>
                    <Select
                      mode="multiple"
                      maxTagCount="responsive"
                      options={skills}
                      aria-label={t("people.teams.skills")}
                      placeholder={t("people.teams.anything")}
                    />
                  </Form.Item>
                  <Form.Item name={[name, "cap"]}>
                    <InputNumber
                      min={0}
                      max={1000}
                      suffix={t("people.teams.capUnit")}
                      aria-label={t("people.teams.cap")}
                    />
                  </Form.Item>
                  <Button
                    type="text"
                    danger
                    icon={<DeleteOutlined />}
                    aria-label={t("people.teams.remove")}
                    onClick={() => remove(name)}
                  />
                </div>
              ))}
              <Button type="dashed" block onClick={() => add({ cap: 30, skills: [] })}>
                {t("people.teams.addMember")}
              </Button>
            </fieldset>
          )}
        </Form.List>
        <Form.Item name="active" label={t("people.teams.active")} valuePropName="checked">
          <Switch />
        </Form.Item>
      </Form>
    </Modal>
  );
}
