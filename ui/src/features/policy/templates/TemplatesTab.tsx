import { DownloadOutlined, UploadOutlined } from "@ant-design/icons";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { App, Button, Form, Input, Modal, Popconfirm, Skeleton, Upload } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { useLabels } from "../../../app/catalogue";
import { useRight } from "../../../app/session";
import { count } from "../../../ui/format";
import { Problem, useProblem } from "../../../ui/Problem";
import { Time } from "../../../ui/Time";
import { type BuiltinTemplate, type OwnTemplate, policies, templates } from "../api";
import { share } from "../backtest/share";
import { type Readable, ReadTemplate } from "./ReadTemplate";
import "./templates.css";

const TOUCHED = ["templates"];

function SaveLive({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [form] = Form.useForm<{ name: string; note: string }>();
  const save = useMutation({
    mutationFn: templates.saveLive,
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: TOUCHED });
      onClose();
    },
  });
  return (
    <Modal
      open
      title={t("studio.template.saveLive")}
      onCancel={onClose}
      closable={{ "aria-label": t("action.close") }}
      okText={t("studio.template.save")}
      cancelText={t("action.cancel")}
      okButtonProps={{ loading: save.isPending }}
      onOk={() => form.submit()}
      width={460}
    >
      <p className="qd-muted">{t("studio.template.saveText")}</p>
      <Form
        form={form}
        layout="vertical"
        requiredMark={false}
        onFinish={({ name, note }) => save.mutate({ name: name.trim(), note: note?.trim() ?? "" })}
      >
        <Form.Item
          name="name"
          label={t("studio.template.name")}
          rules={[{ required: true, whitespace: true, message: t("studio.template.needName") }]}
        >
          <Input autoFocus maxLength={80} />
        </Form.Item>
        <Form.Item name="note" label={t("studio.template.note")}>
          <Input.TextArea rows={3} maxLength={2000} placeholder={t("studio.template.noteHint")} />
        </Form.Item>
        {save.isError && <Problem error={save.error} />}
      </Form>
    </Modal>
  );
}

function Results({ results }: { results: NonNullable<OwnTemplate["results"]> }) {
  const { t } = useTranslation();
  return (
    <p className="qd-muted">
      {t("studio.template.results", {
        n: count(results.orders),
        rate: share(results.rate),
        problems: count(results.problems),
        bound: share(results.problem_bound),
      })}
    </p>
  );
}

/** Policies to begin from: those that come with the program, and those that the team kept. */
export function TemplatesTab() {
  const { t } = useTranslation();
  const labels = useLabels();
  const right = useRight();
  const { message } = App.useApp();
  const problem = useProblem();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [reading, setReading] = useState<Readable | null>(null);
  const [saving, setSaving] = useState(false);
  const list = useQuery({ queryKey: TOUCHED, queryFn: ({ signal }) => templates.list(signal) });
  const failed = (error: Error) => {
    const { text, advice } = problem(error);
    void message.error(`${text} ${advice}`);
  };
  const again = () => client.invalidateQueries({ queryKey: TOUCHED });
  const begin = useMutation({
    mutationFn: ({ name, source }: { name: string; source: string }) => policies.newDraft({ name, source }),
    onSuccess: (draft) => navigate(`/policy/drafts/${draft.id}`),
    onError: failed,
  });
  const remove = useMutation({ mutationFn: templates.remove, onSuccess: again, onError: failed });
  const bring = useMutation({ mutationFn: templates.import, onSuccess: again, onError: failed });
  const take = useMutation({ mutationFn: templates.export, onError: failed });
  if (list.isPending) return <Skeleton active />;
  if (list.isError) return <Problem error={list.error} retry={list.refetch} />;
  const edit = right("policies.edit");
  const tools = (name: string, source: string, note: string) => (
    <>
      <Button size="small" onClick={() => setReading({ name, source, note })} data-action="read-template">
        {t("studio.template.read")}
      </Button>
      {edit && (
        <Button
          size="small"
          loading={begin.isPending && begin.variables?.source === source}
          onClick={() => begin.mutate({ name, source })}
          data-action="template-draft"
        >
          {t("studio.template.begin")}
        </Button>
      )}
    </>
  );
  const card = (one: BuiltinTemplate) => (
    <li key={one.id} className="qd-panel" data-template={one.id}>
      <h3>{labels.say(one.title)}</h3>
      <p>{labels.say(one.about)}</p>
      <footer>{tools(labels.say(one.title), one.source, labels.say(one.about))}</footer>
    </li>
  );
  const own = (one: OwnTemplate) => (
    <li key={one.id} className="qd-panel" data-template={one.id}>
      <h3>{one.name}</h3>
      {one.note && <p className="qd-template-note">{one.note}</p>}
      {one.results && <Results results={one.results} />}
      <p className="qd-muted">
        {one.created_by} <Time at={one.created_at} as="both" />
      </p>
      <footer>
        {tools(one.name, one.source, one.note)}
        <Button
          size="small"
          icon={<DownloadOutlined aria-hidden />}
          onClick={() => take.mutate({ id: one.id, name: one.name })}
        >
          {t("studio.template.export")}
        </Button>
        {edit && (
          <Popconfirm
            title={t("studio.template.confirmDelete", { name: one.name })}
            okText={t("studio.remove")}
            cancelText={t("action.cancel")}
            onConfirm={() => remove.mutate(one.id)}
          >
            <Button size="small" type="text" danger>
              {t("studio.remove")}
            </Button>
          </Popconfirm>
        )}
      </footer>
    </li>
  );
  return (
    <div className="qd-templates" data-testid="templates">
      <div className="qd-section-head">
        <h2>{t("studio.template.own")}</h2>
        {edit && (
          <div className="qd-template-tools">
            <Upload
              accept=".yaml,.yml,.txt"
              showUploadList={false}
              beforeUpload={(file) => {
                bring.mutate(file);
                return false;
              }}
            >
              <Button icon={<UploadOutlined aria-hidden />} loading={bring.isPending}>
                {t("studio.template.import")}
              </Button>
            </Upload>
            <Button onClick={() => setSaving(true)} data-action="save-live">
              {t("studio.template.saveLive")}
            </Button>
          </div>
        )}
      </div>
      {list.data.own.length === 0 ? (
        <p className="qd-muted">{t("studio.template.noneOwn")}</p>
      ) : (
        <ul className="qd-template-cards">{list.data.own.map(own)}</ul>
      )}
      <h2>{t("studio.template.builtin")}</h2>
      <ul className="qd-template-cards">{list.data.builtin.map(card)}</ul>
      <ReadTemplate template={reading} onClose={() => setReading(null)} />
      {saving && <SaveLive onClose={() => setSaving(false)} />}
    </div>
  );
}
