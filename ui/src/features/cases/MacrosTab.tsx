import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Form, Input, InputNumber, Modal, Popconfirm, Select, Skeleton } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useRight } from "../../app/session";
import { EmptyState } from "../../ui/EmptyState";
import { Problem } from "../../ui/Problem";
import { CHANNELS, cases, type Macro, OUTCOMES, OWNER_ROLES, RESULTS } from "./api";
import { type MacroBody, useMacroWords } from "./useMacroWords";
import { useSetup } from "./useSetup";

const VERDICTS = ["release", "hold", "exception", "review"] as const;

type Values = MacroBody & { name: string };

/** The parts that the person filled; what is empty is not part of the macro. */
function bodyOf(values: Values, kept: MacroBody): MacroBody {
  const body: MacroBody = {};
  const bare = <T extends object>(part: T) =>
    Object.fromEntries(
      Object.entries(part).filter(([, value]) => value !== undefined && value !== null && value !== ""),
    ) as T;
  if (values.case?.type) body.case = bare({ ...kept.case, ...values.case });
  if (values.contact?.channel && values.contact.result) body.contact = bare(values.contact);
  if (values.comment?.trim()) body.comment = values.comment.trim();
  if (values.verdict?.action) body.verdict = bare({ ...values.verdict, reason: values.verdict.reason ?? "" });
  return body;
}

function MacroEditor({ macro, onClose }: { macro: Macro | null; onClose: () => void }) {
  const { t } = useTranslation();
  const { types, causes, labels } = useSetup();
  const client = useQueryClient();
  const [form] = Form.useForm<Values>();
  const kept = (macro?.body ?? {}) as MacroBody;
  const type = Form.useWatch(["case", "type"], form);
  const action = Form.useWatch(["verdict", "action"], form);
  const channel = Form.useWatch(["contact", "channel"], form);
  const save = useMutation({
    mutationFn: (values: Values) =>
      cases.saveMacro(macro?.id ?? null, {
        name: values.name,
        body: bodyOf(values, kept) as Record<string, unknown>,
      }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ["cases", "macros"] });
      onClose();
    },
  });
  const needed = [{ required: true, message: t("cases.needed") }];
  const list = (values: readonly string[], say: (value: string) => string) =>
    values.map((value) => ({ value, label: say(value) }));
  return (
    <Modal
      open
      width={680}
      title={t(macro ? "cases.macros.change" : "cases.macros.add")}
      okText={t("cases.save")}
      cancelText={t("action.cancel")}
      confirmLoading={save.isPending}
      onOk={() => form.submit()}
      onCancel={onClose}
    >
      <Form<Values>
        form={form}
        layout="vertical"
        initialValues={{ name: macro?.name ?? "", ...kept }}
        onFinish={(values) => save.mutate(values)}
      >
        <p className="qd-muted qd-dialog-note">{t("cases.macros.how")}</p>
        <Form.Item name="name" label={t("cases.macros.name")} rules={needed}>
          <Input maxLength={40} />
        </Form.Item>
        <fieldset className="qd-part">
          <legend>{t("cases.macros.part.case")}</legend>
          <div className="qd-pair">
            <Form.Item name={["case", "type"]} label={t("cases.type")}>
              <Select
                allowClear
                options={types.map((one) => ({ value: one.key, label: labels.say(one.title) }))}
              />
            </Form.Item>
            <Form.Item name={["case", "role"]} label={t("cases.role")}>
              <Select allowClear disabled={!type} options={list(OWNER_ROLES, labels.role)} />
            </Form.Item>
            <Form.Item name={["case", "cause"]} label={t("cases.cause")}>
              <Select
                allowClear
                disabled={!type}
                options={causes
                  .filter((one) => one.active && (one.types.length === 0 || one.types.includes(type ?? "")))
                  .map((one) => ({ value: one.key, label: labels.say(one) }))}
              />
            </Form.Item>
            <Form.Item name={["case", "wait_hours"]} label={t("cases.macros.waitHours")}>
              <InputNumber min={1} max={720} disabled={!type} />
            </Form.Item>
            <Form.Item name={["case", "close"]} label={t("cases.macros.close")}>
              <Select
                allowClear
                disabled={!type}
                options={list(OUTCOMES, (value) => t(`cases.outcome.${value}`))}
              />
            </Form.Item>
          </div>
        </fieldset>
        <fieldset className="qd-part">
          <legend>{t("cases.macros.part.contact")}</legend>
          <div className="qd-pair">
            <Form.Item name={["contact", "channel"]} label={t("cases.contact.channelLabel")}>
              <Select allowClear options={list(CHANNELS, (value) => t(`cases.contact.channel.${value}`))} />
            </Form.Item>
            <Form.Item
              name={["contact", "result"]}
              label={t("cases.contact.resultLabel")}
              rules={channel ? needed : []}
            >
              <Select
                allowClear
                disabled={!channel}
                options={list(RESULTS, (value) => t(`cases.contact.result.${value}`))}
              />
            </Form.Item>
            <Form.Item name={["contact", "next_try_hours"]} label={t("cases.macros.nextTry")}>
              <InputNumber min={1} max={720} disabled={!channel} />
            </Form.Item>
          </div>
        </fieldset>
        <fieldset className="qd-part">
          <legend>{t("cases.macros.part.comment")}</legend>
          <Form.Item name="comment">
            <Input.TextArea
              autoSize={{ minRows: 1, maxRows: 4 }}
              maxLength={2000}
              aria-label={t("cases.macros.part.comment")}
            />
          </Form.Item>
        </fieldset>
        <fieldset className="qd-part">
          <legend>{t("cases.macros.part.verdict")}</legend>
          <div className="qd-pair">
            <Form.Item name={["verdict", "action"]} label={t("cases.macros.verdict")}>
              <Select allowClear options={list(VERDICTS, (value) => t(`decide.action.${value}`))} />
            </Form.Item>
            <Form.Item name={["verdict", "reason"]} label={t("desk.reason")} rules={action ? needed : []}>
              <Input maxLength={500} disabled={!action} />
            </Form.Item>
            {action === "hold" && (
              <Form.Item name={["verdict", "hold_hours"]} label={t("cases.macros.holdHours")}>
                <InputNumber min={1} max={720} />
              </Form.Item>
            )}
          </div>
        </fieldset>
      </Form>
      {save.isError && <Problem error={save.error} />}
    </Modal>
  );
}

/** The team's macros: several changes in one step. */
export function MacrosTab() {
  const { t } = useTranslation();
  const right = useRight();
  const client = useQueryClient();
  const describe = useMacroWords();
  const [open, setOpen] = useState<Macro | "new" | null>(null);
  const found = useQuery({ queryKey: ["cases", "macros"], queryFn: ({ signal }) => cases.macros(signal) });
  const drop = useMutation({
    mutationFn: cases.deleteMacro,
    onSettled: () => client.invalidateQueries({ queryKey: ["cases", "macros"] }),
  });
  if (found.isError) return <Problem error={found.error} retry={found.refetch} />;
  if (!found.data) return <Skeleton active />;
  const edits = right("sops.edit");
  const add = edits && (
    <Button type="primary" onClick={() => setOpen("new")}>
      {t("cases.macros.add")}
    </Button>
  );
  return (
    <section className="qd-panel">
      <div className="qd-panel-body">
        {found.data.length === 0 ? (
          <EmptyState title={t("cases.macros.none")} text={t("cases.macros.noneText")} action={add} />
        ) : (
          <>
            <div className="qd-tab-tools">{add}</div>
            <ul className="qd-settings" data-testid="macros">
              {found.data.map((macro) => (
                <li key={macro.id}>
                  <div>
                    <b>{macro.name}</b>
                    <p className="qd-muted">{describe(macro.body).join(" · ")}</p>
                  </div>
                  {edits && (
                    <span className="qd-row-acts">
                      <Button type="link" size="small" onClick={() => setOpen(macro)}>
                        {t("cases.edit")}
                      </Button>
                      <Popconfirm
                        title={t("cases.macros.dropAsk", { name: macro.name })}
                        onConfirm={() => drop.mutate(macro.id)}
                      >
                        <Button type="link" size="small" danger>
                          {t("cases.macros.drop")}
                        </Button>
                      </Popconfirm>
                    </span>
                  )}
                </li>
              ))}
            </ul>
          </>
        )}
        {drop.isError && <Problem error={drop.error} />}
      </div>
      {open && <MacroEditor macro={open === "new" ? null : open} onClose={() => setOpen(null)} />}
    </section>
  );
}
