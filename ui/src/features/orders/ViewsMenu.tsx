import { DeleteOutlined, StarOutlined } from "@ant-design/icons";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { App, Button, Checkbox, Form, Input, Popover } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { api } from "../../api";
import type { SavedView } from "../../api/types";
import { useRight } from "../../app/session";
import { useProblem } from "../../ui/Problem";

interface Wish {
  name: string;
  shared?: boolean;
}

function SaveForm({ query, onSaved }: { query: string; onSaved: () => void }) {
  const right = useRight();
  const { t } = useTranslation();
  const { message } = App.useApp();
  const problem = useProblem();
  const client = useQueryClient();
  const save = useMutation({
    mutationFn: ({ name, shared }: Wish) =>
      api.saveView({ name: name.trim(), query, shared: shared ?? false }),
    onSuccess: async (view) => {
      await client.invalidateQueries({ queryKey: ["views"] });
      message.success(t("views.saved", { name: view.name }));
      onSaved();
    },
    onError: (error) => message.error(problem(error).text),
  });
  return (
    <Form<Wish> onFinish={(wish) => save.mutate(wish)} className="qd-view-form">
      <Form.Item name="name" rules={[{ required: true, whitespace: true, message: t("views.needName") }]}>
        <Input placeholder={t("views.name")} aria-label={t("views.name")} maxLength={40} />
      </Form.Item>
      <div className="qd-view-save">
        {right("views.share") ? (
          <Form.Item name="shared" valuePropName="checked" noStyle>
            <Checkbox>{t("views.share")}</Checkbox>
          </Form.Item>
        ) : (
          <span />
        )}
        <Button htmlType="submit" type="primary" size="small" loading={save.isPending}>
          {t("views.save")}
        </Button>
      </div>
    </Form>
  );
}

function ViewItem({ view, onOpen }: { view: SavedView; onOpen: () => void }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { message } = App.useApp();
  const problem = useProblem();
  const client = useQueryClient();
  const remove = useMutation({
    mutationFn: () => api.deleteView(view.id),
    onSuccess: () => client.invalidateQueries({ queryKey: ["views"] }),
    onError: (error) => message.error(problem(error).text),
  });
  return (
    <li>
      <Button
        type="text"
        className="qd-view-open"
        onClick={() => {
          void navigate(`/orders?${view.query}`);
          onOpen();
        }}
      >
        <span className="qd-ellipsis">{view.name}</span>
        {view.shared && (
          <small className="qd-muted">
            {view.mine ? t("views.sharedMine") : t("views.by", { name: view.owner.name })}
          </small>
        )}
      </Button>
      {view.mine && (
        <Button
          type="text"
          size="small"
          icon={<DeleteOutlined aria-hidden />}
          aria-label={t("views.delete", { name: view.name })}
          loading={remove.isPending}
          onClick={() => remove.mutate()}
        />
      )}
    </li>
  );
}

/** Named filters, one's own and those shared by colleagues. */
export function ViewsMenu({ query }: { query: string }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const views = useQuery({ queryKey: ["views"], queryFn: ({ signal }) => api.views(signal), enabled: open });
  const close = () => setOpen(false);
  const content = (
    <div className="qd-views">
      {views.data?.length === 0 && <p className="qd-muted">{t("views.none")}</p>}
      <ul>
        {views.data?.map((view) => (
          <ViewItem key={view.id} view={view} onOpen={close} />
        ))}
      </ul>
      {query ? <SaveForm query={query} onSaved={close} /> : <p className="qd-muted">{t("views.hint")}</p>}
    </div>
  );
  return (
    <Popover
      trigger="click"
      placement="bottomRight"
      open={open}
      onOpenChange={setOpen}
      content={content}
      destroyOnHidden
    >
      <Button icon={<StarOutlined aria-hidden />}>{t("views.title")}</Button>
    </Popover>
  );
}
