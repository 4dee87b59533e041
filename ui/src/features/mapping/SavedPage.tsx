import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { App, Button, Input, Modal, Popconfirm, Select, Skeleton } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useLabels } from "../../app/catalogue";
import { usePreferences } from "../../app/preferences";
import { useRight } from "../../app/session";
import { EmptyState } from "../../ui/EmptyState";
import { PageHeader } from "../../ui/PageHeader";
import { Problem, useProblem } from "../../ui/Problem";
import { Time } from "../../ui/Time";
import { type Mapping, mappings } from "./api";
import { options } from "./draft";
import { changed, columnsOf, type Row } from "./saved";
import "./mapping.css";

const KEY = ["mappings"] as const;

function useFields() {
  return useQuery({
    queryKey: ["mapping", "fields"],
    queryFn: ({ signal }) => mappings.fields(signal),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

function Editor({ mapping, onDone }: { mapping: Mapping; onDone: () => void }) {
  const { t } = useTranslation();
  const { language } = usePreferences();
  const { message } = App.useApp();
  const problem = useProblem();
  const client = useQueryClient();
  const fields = useFields();
  const [name, setName] = useState(mapping.name);
  const [shop, setShop] = useState(mapping.shop);
  const [rows, setRows] = useState<Row[]>(columnsOf(mapping.columns));
  const save = useMutation({
    mutationFn: () => mappings.edit(mapping.id, name.trim(), changed(mapping.body, rows, shop.trim())),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: KEY });
      onDone();
    },
    onError: (error) => {
      const said = problem(error);
      message.error(`${said.text} ${said.advice}`);
    },
  });
  const numbered = rows.some((row) => row.field === "order_no");
  return (
    <Modal
      open
      width={620}
      title={t("mapping.edit")}
      okText={t("mapping.keep")}
      cancelText={t("action.cancel")}
      okButtonProps={{ disabled: !name.trim() || !numbered, loading: save.isPending }}
      onOk={() => save.mutate()}
      onCancel={onDone}
    >
      <div className="qd-map-editor">
        <div className="qd-map-field">
          <span>{t("mapping.name")}</span>
          <Input
            aria-label={t("mapping.name")}
            value={name}
            maxLength={80}
            onChange={(event) => setName(event.target.value)}
          />
        </div>
        <div className="qd-map-field">
          <span>{t("mapping.shop")}</span>
          <Input
            aria-label={t("mapping.shop")}
            value={shop}
            maxLength={100}
            onChange={(event) => setShop(event.target.value)}
          />
        </div>
        <ul>
          {rows.map((row) => (
            <li key={row.title}>
              <span className="qd-ellipsis" title={row.title}>
                {row.title}
              </span>
              <Select
                size="small"
                aria-label={t("mapping.meansOf", { title: row.title })}
                value={row.field}
                showSearch={{ optionFilterProp: "label" }}
                options={options(fields.data, language)}
                onChange={(field: string) =>
                  setRows(rows.map((one) => (one.title === row.title ? { ...one, field } : one)))
                }
              />
            </li>
          ))}
        </ul>
        <p className="qd-muted">{t("mapping.editNote")}</p>
      </div>
    </Modal>
  );
}

/** The tables that the team has described: by whom, for which platform, and what to do with them. */
export function SavedPage() {
  const { t } = useTranslation();
  const labels = useLabels();
  const right = useRight();
  const { message } = App.useApp();
  const problem = useProblem();
  const client = useQueryClient();
  const list = useQuery({ queryKey: KEY, queryFn: ({ signal }) => mappings.list(signal) });
  const [edited, setEdited] = useState<Mapping | null>(null);
  const failed = (error: unknown) => message.error(problem(error).text);
  const remove = useMutation({
    mutationFn: (id: number) => mappings.remove(id),
    onSuccess: () => client.invalidateQueries({ queryKey: KEY }),
    onError: failed,
  });
  const keep = useMutation({
    mutationFn: (one: Mapping) => mappings.keep(one.id, one.name),
    onError: failed,
  });
  const may = right("mappings.edit");
  return (
    <>
      <PageHeader
        title={t("mapping.listTitle")}
        note={t("mapping.listNote")}
        actions={<Link to="/imports">{t("mapping.toImports")}</Link>}
      />
      <section className="qd-panel qd-panel-body" aria-label={t("mapping.listTitle")}>
        {list.isPending && <Skeleton active />}
        {list.isError && <Problem error={list.error} retry={list.refetch} />}
        {list.data?.length === 0 && (
          <EmptyState
            title={t("mapping.none")}
            text={t("mapping.noneText")}
            action={<Link to="/imports">{t("mapping.toImports")}</Link>}
          />
        )}
        {list.data && list.data.length > 0 && (
          <div className="qd-map-list">
            <table>
              <thead>
                <tr>
                  <th scope="col">{t("mapping.name")}</th>
                  <th scope="col">{t("mapping.platform")}</th>
                  <th scope="col">{t("mapping.shop")}</th>
                  <th scope="col">{t("mapping.columns")}</th>
                  <th scope="col">{t("mapping.changed")}</th>
                  <th scope="col">
                    <span className="qd-visually-hidden">{t("mapping.actions")}</span>
                  </th>
                </tr>
              </thead>
              <tbody>
                {list.data.map((one) => (
                  <tr key={one.id} data-mapping={one.id}>
                    <td>
                      <b>{one.name}</b>
                    </td>
                    <td>
                      {one.channel === "several"
                        ? t("mapping.several")
                        : labels.value("channel", one.channel)}
                    </td>
                    <td>{one.shop}</td>
                    <td className="qd-map-headers">
                      <span className="qd-ellipsis" title={Object.values(one.columns).flat().join("、")}>
                        {Object.values(one.columns).flat().join("、")}
                      </span>
                    </td>
                    <td>
                      <Time at={one.changed_at} as="short" /> <span className="qd-muted">{one.by.name}</span>
                    </td>
                    <td className="qd-map-row-actions">
                      <Button size="small" type="link" onClick={() => keep.mutate(one)}>
                        {t("mapping.export")}
                      </Button>
                      {may && (
                        <>
                          <Button size="small" type="link" onClick={() => setEdited(one)}>
                            {t("mapping.edit")}
                          </Button>
                          <Popconfirm
                            title={t("mapping.deleteSure", { name: one.name })}
                            description={t("mapping.deleteText")}
                            okText={t("mapping.delete")}
                            cancelText={t("action.cancel")}
                            onConfirm={() => remove.mutate(one.id)}
                          >
                            <Button size="small" type="link" danger>
                              {t("mapping.delete")}
                            </Button>
                          </Popconfirm>
                        </>
                      )}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </section>
      {edited && <Editor key={edited.id} mapping={edited} onDone={() => setEdited(null)} />}
    </>
  );
}
