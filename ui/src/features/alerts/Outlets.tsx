import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Alert, App, Button, Form, Input, Modal, Select, Switch } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { EmptyState } from "../../ui/EmptyState";
import { count } from "../../ui/format";
import { useProblem } from "../../ui/Problem";
import { Time } from "../../ui/Time";
import { useSave } from "../people/useSave";
import { alerts, OUTLET_KINDS, type Outlet, type OutletIn, type Settings } from "./api";

/** Robots and mail: how they do, and a button that tries one. */
export function Outlets({ settings }: { settings: Settings }) {
  const { t } = useTranslation();
  const { message, modal } = App.useApp();
  const problem = useProblem();
  const client = useQueryClient();
  const [open, setOpen] = useState<Outlet | "new" | null>(null);
  const test = useMutation({
    mutationFn: (outlet: Outlet) => alerts.test(outlet.id),
    onSuccess: (said, outlet) => {
      if (said.outcome === "sent") message.success(t("alerts.outlet.works", { name: outlet.name }));
      else
        modal.error({
          title: t("alerts.outlet.fails", { name: outlet.name }),
          content: `${t(`alerts.outcome.${said.outcome}`)} ${said.code} ${said.said}`,
        });
    },
    onError: (error) => {
      const said = problem(error);
      message.warning(`${said.text} ${said.advice}`);
    },
    onSettled: () => client.invalidateQueries({ queryKey: ["alerts"] }),
  });
  const add = (
    <Button type="primary" onClick={() => setOpen("new")}>
      {t("alerts.outlet.add")}
    </Button>
  );
  return (
    <section className="qd-panel qd-alerts" aria-label={t("alerts.tab.outlets")}>
      {!settings.linked && (
        <Alert type="info" showIcon className="qd-alert-hint" title={t("alerts.outlet.unlinked")} />
      )}
      {settings.outlets.length === 0 ? (
        <EmptyState title={t("alerts.outlet.none")} text={t("alerts.outlet.noneText")} action={add} />
      ) : (
        <>
          <div className="qd-people-tools">{add}</div>
          <div className="qd-history">
            <table data-testid="outlets">
              <thead>
                <tr>
                  {["name", "kind", "state", "quiet", "lastOk"].map((key) => (
                    <th key={key} scope="col">
                      {t(`alerts.outlet.${key}`)}
                    </th>
                  ))}
                  <th scope="col" className="qd-right">
                    {t("alerts.outlet.waiting")}
                  </th>
                  <th scope="col" aria-label={t("people.edit")} />
                </tr>
              </thead>
              <tbody>
                {settings.outlets.map((outlet) => (
                  <tr key={outlet.id} data-outlet={outlet.id}>
                    <td>
                      <b>{outlet.name}</b>
                    </td>
                    <td>
                      {t(`alerts.vendor.${outlet.kind}`)}
                      {outlet.recipients.length > 0 && (
                        <span className="qd-muted">
                          {" "}
                          {t("alerts.outlet.people", { n: outlet.recipients.length })}
                        </span>
                      )}
                    </td>
                    <td className="qd-outlet-state">
                      <State outlet={outlet} />
                    </td>
                    <td className="qd-num">{outlet.quiet || "—"}</td>
                    <td>
                      <Time at={outlet.last_ok_at} />
                    </td>
                    <td className="qd-right qd-num">{count(outlet.waiting)}</td>
                    <td className="qd-right qd-user-actions">
                      <Button
                        size="small"
                        loading={test.isPending && test.variables?.id === outlet.id}
                        onClick={() => test.mutate(outlet)}
                      >
                        {t("alerts.outlet.test")}
                      </Button>
                      <Button size="small" onClick={() => setOpen(outlet)}>
                        {t("people.edit")}
                      </Button>
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </>
      )}
      {open && <OutletDialog outlet={open === "new" ? undefined : open} onDone={() => setOpen(null)} />}
    </section>
  );
}

function State({ outlet }: { outlet: Outlet }) {
  const { t } = useTranslation();
  if (!outlet.active) return <span className="qd-tag">{t("people.users.off")}</span>;
  if (outlet.trouble)
    return (
      <>
        <span className="qd-tag qd-outlet-bad">{t("alerts.outlet.bad")}</span>
        <span className="qd-muted qd-ellipsis" title={outlet.trouble}>
          {outlet.trouble}
        </span>
      </>
    );
  if (outlet.used === 0) return <span className="qd-tag qd-outlet-unused">{t("alerts.outlet.unused")}</span>;
  return <span className="qd-tag qd-user-on">{t("alerts.outlet.ok")}</span>;
}

function OutletDialog({ outlet, onDone }: { outlet: Outlet | undefined; onDone: () => void }) {
  const { t } = useTranslation();
  const [form] = Form.useForm<OutletIn>();
  const kind = Form.useWatch("kind", form) ?? outlet?.kind ?? "dingtalk";
  const save = useSave(
    ({ url, secret, ...rest }: OutletIn) =>
      alerts.saveOutlet({
        ...rest,
        id: outlet?.id ?? null,
        recipients: rest.recipients ?? [],
        quiet: rest.quiet ?? "",
        quiet_urgent: rest.quiet_urgent ?? false,
        url: url?.trim() || null,
        secret: secret?.trim() || null,
      }),
    onDone,
  );
  const need = [{ required: true, message: t("people.needed") }];
  return (
    <Modal
      open
      width={600}
      title={t(outlet ? "alerts.outlet.change" : "alerts.outlet.add")}
      okText={t("people.save")}
      cancelText={t("action.cancel")}
      confirmLoading={save.isPending}
      onOk={form.submit}
      onCancel={onDone}
    >
      <Form<OutletIn>
        form={form}
        layout="vertical"
        className="qd-people-form"
        autoComplete="off"
        initialValues={{
          kind: "dingtalk",
          language: "zh",
          active: true,
          ...(outlet && {
            name: outlet.name,
            kind: outlet.kind,
            recipients: outlet.recipients,
            language: outlet.language,
            quiet: outlet.quiet,
            quiet_urgent: outlet.quiet_urgent,
            active: outlet.active,
          }),
        }}
        onFinish={(values) => save.mutate(values)}
      >
        <Form.Item name="kind" label={t("alerts.outlet.kind")}>
          <Select
            disabled={outlet !== undefined}
            options={OUTLET_KINDS.map((value) => ({ value, label: t(`alerts.vendor.${value}`) }))}
          />
        </Form.Item>
        <Form.Item name="name" label={t("alerts.outlet.name")} rules={need}>
          <Input maxLength={64} placeholder={t("alerts.outlet.nameHint")} />
        </Form.Item>
        {kind === "mail" ? (
          <Form.Item
            name="recipients"
            label={t("alerts.outlet.recipients")}
            className="qd-people-wide"
            extra={t("alerts.outlet.recipientsHint")}
          >
            <Select mode="tags" tokenSeparators={[",", "，", ";", " "]} open={false} suffixIcon={null} />
          </Form.Item>
        ) : (
          <>
            <Form.Item
              name="url"
              label={t("alerts.outlet.url")}
              className="qd-people-wide"
              extra={t("alerts.outlet.urlHint")}
              rules={outlet ? [] : need}
            >
              <Input.Password
                maxLength={1000}
                autoComplete="new-password"
                placeholder={outlet ? t("alerts.outlet.kept") : "https://"}
              />
            </Form.Item>
            {kind !== "wecom" && (
              <Form.Item
                name="secret"
                label={t("alerts.outlet.secret")}
                className="qd-people-wide"
                extra={t("alerts.outlet.secretHint")}
              >
                <Input.Password
                  maxLength={200}
                  autoComplete="new-password"
                  placeholder={outlet?.signed ? t("alerts.outlet.kept") : ""}
                />
              </Form.Item>
            )}
          </>
        )}
        <Form.Item name="quiet" label={t("alerts.outlet.quiet")} extra={t("alerts.outlet.quietHint")}>
          <Input maxLength={11} placeholder="22:00-08:00" />
        </Form.Item>
        <Form.Item name="language" label={t("alerts.outlet.language")}>
          <Select
            options={[
              { value: "zh", label: t("alerts.outlet.inChinese") },
              { value: "en", label: t("alerts.outlet.inEnglish") },
            ]}
          />
        </Form.Item>
        <Form.Item name="quiet_urgent" label={t("alerts.outlet.quietUrgent")} valuePropName="checked">
          <Switch />
        </Form.Item>
        <Form.Item name="active" label={t("alerts.outlet.active")} valuePropName="checked">
          <Switch />
        </Form.Item>
      </Form>
    </Modal>
  );
}
