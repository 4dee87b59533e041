import { useQuery } from "@tanstack/react-query";
import { App, Button, Form, Input, Modal, Select, Skeleton, Switch } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useLabels } from "../../app/catalogue";
import { useSession } from "../../app/session";
import { Problem } from "../../ui/Problem";
import { Time } from "../../ui/Time";
import { type Colleague, type NewUser, people, ROLES } from "./api";
import { useSave } from "./useSave";

/** Accounts: who may log in, as what, and since when not. */
export function UsersTab() {
  const { t } = useTranslation();
  const labels = useLabels();
  const me = useSession().data?.user?.id;
  const [open, setOpen] = useState<Colleague | "new" | null>(null);
  const [secret, setSecret] = useState<Colleague | null>(null);
  const users = useQuery({ queryKey: ["people", "users"], queryFn: ({ signal }) => people.users(signal) });
  return (
    <section className="qd-panel" aria-label={t("people.tab.users")}>
      <div className="qd-panel-body">
        <div className="qd-people-tools">
          <Button type="primary" onClick={() => setOpen("new")}>
            {t("people.users.add")}
          </Button>
        </div>
        {users.isError && <Problem error={users.error} retry={users.refetch} />}
        {users.isPending && <Skeleton active />}
        {users.data && (
          <div className="qd-history">
            <table data-testid="users">
              <thead>
                <tr>
                  {["name", "login", "roles", "teams", "lastLogin", "state"].map((key) => (
                    <th key={key} scope="col">
                      {t(`people.users.${key}`)}
                    </th>
                  ))}
                  <th scope="col" aria-label={t("people.edit")} />
                </tr>
              </thead>
              <tbody>
                {users.data.map((user) => (
                  <tr key={user.id} className={user.active ? "" : "qd-user-off"}>
                    <td>
                      <b>{user.name}</b>{" "}
                      {user.id === me && <span className="qd-muted">{t("people.users.me")}</span>}
                    </td>
                    <td className="qd-code">{user.login}</td>
                    <td className="qd-people-names">
                      {user.roles.map((role) => (
                        <span key={role} className={`qd-tag qd-role-${role}`}>
                          {labels.role(role)}
                        </span>
                      ))}
                    </td>
                    <td>{user.teams.join("、") || "—"}</td>
                    <td>{user.last_login ? <Time at={user.last_login} /> : t("people.users.never")}</td>
                    <td>
                      <span className={`qd-tag ${user.active ? "qd-breaker-closed qd-user-on" : ""}`}>
                        {t(user.active ? "people.users.on" : "people.users.off")}
                      </span>
                    </td>
                    <td className="qd-right qd-user-actions">
                      <Button size="small" onClick={() => setOpen(user)}>
                        {t("people.edit")}
                      </Button>
                      <Button size="small" onClick={() => setSecret(user)}>
                        {t("people.users.password")}
                      </Button>
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </div>
      {open && <UserDialog user={open === "new" ? undefined : open} onDone={() => setOpen(null)} />}
      {secret && <PasswordDialog user={secret} onDone={() => setSecret(null)} />}
    </section>
  );
}

type Values = NewUser & { active: boolean };

function UserDialog({ user, onDone }: { user: Colleague | undefined; onDone: () => void }) {
  const { t } = useTranslation();
  const labels = useLabels();
  const [form] = Form.useForm<Values>();
  const save = useSave(
    ({ active, ...values }: Values) =>
      user
        ? people.change(user.id, { name: values.name.trim(), roles: values.roles, active })
        : people.create({ ...values, login: values.login.trim(), name: values.name.trim() }),
    onDone,
  );
  const need = [{ required: true, message: t("people.needed") }];
  return (
    <Modal
      open
      title={t(user ? "people.users.change" : "people.users.add")}
      okText={t("people.save")}
      cancelText={t("action.cancel")}
      confirmLoading={save.isPending}
      onOk={form.submit}
      onCancel={onDone}
    >
      <Form<Values>
        form={form}
        layout="vertical"
        autoComplete="off"
        initialValues={user ?? { roles: ["agent"], active: true }}
        onFinish={(values) => save.mutate(values)}
      >
        {!user && (
          <Form.Item
            name="login"
            label={t("people.users.login")}
            rules={[...need, { pattern: /^[A-Za-z0-9._@-]+$/, message: t("people.users.loginRule") }]}
          >
            <Input maxLength={64} autoFocus autoComplete="off" />
          </Form.Item>
        )}
        <Form.Item name="name" label={t("people.users.name")} rules={need}>
          <Input maxLength={64} />
        </Form.Item>
        <Form.Item
          name="roles"
          label={t("people.users.roles")}
          rules={need}
          tooltip={t("people.users.rolesHint")}
        >
          <Select
            mode="multiple"
            options={ROLES.map((role) => ({ value: role, label: labels.role(role) }))}
          />
        </Form.Item>
        {!user && (
          <Form.Item
            name="password"
            label={t("people.users.password")}
            extra={t("people.users.passwordRule")}
            rules={need}
          >
            <Input.Password maxLength={256} autoComplete="new-password" />
          </Form.Item>
        )}
        {user && (
          <Form.Item
            name="active"
            label={t("people.users.active")}
            extra={t("people.users.activeHint")}
            valuePropName="checked"
          >
            <Switch />
          </Form.Item>
        )}
      </Form>
    </Modal>
  );
}

function PasswordDialog({ user, onDone }: { user: Colleague; onDone: () => void }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const [password, setPassword] = useState("");
  const save = useSave(
    () => people.password(user.id, password),
    () => {
      message.success(t("people.users.passwordSet", { name: user.name }));
      onDone();
    },
  );
  return (
    <Modal
      open
      title={t("people.users.passwordTitle", { name: user.name })}
      okText={t("people.save")}
      cancelText={t("action.cancel")}
      okButtonProps={{ disabled: password === "", loading: save.isPending }}
      onOk={() => save.mutate(undefined)}
      onCancel={onDone}
    >
      <p className="qd-muted">{t("people.users.passwordEffect")}</p>
      <Input.Password
        autoFocus
        maxLength={256}
        autoComplete="new-password"
        value={password}
        aria-label={t("people.users.password")}
        onChange={(event) => setPassword(event.target.value)}
      />
      <p className="qd-muted">{t("people.users.passwordRule")}</p>
    </Modal>
  );
}
