import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Skeleton } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { usePreferences } from "../../app/preferences";
import { EmptyState } from "../../ui/EmptyState";
import { PageHeader } from "../../ui/PageHeader";
import { Problem } from "../../ui/Problem";
import { RoutingEditor } from "./RoutingEditor";
import { WarehouseDialog } from "./WarehouseDialog";
import { type Tried, type Warehouse, warehouses } from "./warehouses";
import "../../ui/tags.css";
import "../imports/imports.css";
import "./fulfilment.css";

const KEY = ["warehouses"];

function TestResult({ tried }: { tried: Tried }) {
  const { t } = useTranslation();
  const { language } = usePreferences();
  return (
    <span className={tried.ok ? "qd-green" : "qd-red"}>
      {tried.words[language]}
      {tried.ms !== null && <span className="qd-muted"> {t("push.ms", { n: tried.ms })}</span>}
      {tried.detail && <q className="qd-muted"> {tried.detail}</q>}
    </span>
  );
}

/** The connected warehouses, and which orders go where. */
export function WarehousesPage() {
  const { t } = useTranslation();
  const { language } = usePreferences();
  const client = useQueryClient();
  const [edited, setEdited] = useState<Warehouse | "new" | null>(null);
  const [results, setResults] = useState<Record<number, Tried>>({});
  const list = useQuery({ queryKey: [...KEY, "list"], queryFn: ({ signal }) => warehouses.list(signal) });
  const adapters = useQuery({
    queryKey: [...KEY, "adapters"],
    queryFn: ({ signal }) => warehouses.adapters(signal),
  });
  const routing = useQuery({
    queryKey: [...KEY, "routing"],
    queryFn: ({ signal }) => warehouses.routing(signal),
  });
  const save = useMutation({
    mutationFn: warehouses.save,
    onSuccess: () => setEdited(null),
    onSettled: () => client.invalidateQueries({ queryKey: KEY }),
  });
  const test = useMutation({
    mutationFn: warehouses.test,
    onSuccess: (tried, id) => setResults((before) => ({ ...before, [id]: tried })),
  });
  const rows = list.data ?? [];
  const label = (id: string) => adapters.data?.find((one) => one.id === id)?.label[language] ?? id;
  const open = (which: Warehouse | "new") => {
    save.reset();
    setEdited(which);
  };
  return (
    <>
      <PageHeader
        title={t("warehouse.title")}
        note={<Link to="/pushes">{t("warehouse.back")}</Link>}
        actions={
          <Button type="primary" onClick={() => open("new")}>
            {t("warehouse.add")}
          </Button>
        }
      />
      <div className="qd-push-stack">
        <section className="qd-panel" aria-label={t("warehouse.list")}>
          <div className="qd-panel-head">
            <h2>{t("warehouse.list")}</h2>
          </div>
          <div className="qd-panel-body">
            {list.isPending && <Skeleton active />}
            {list.isError && <Problem error={list.error} retry={list.refetch} />}
            {test.isError && <Problem error={test.error} />}
            {list.data?.length === 0 && (
              <EmptyState title={t("warehouse.none")} text={t("warehouse.noneText")} />
            )}
            {rows.length > 0 && (
              <div className="qd-history">
                <table>
                  <thead>
                    <tr>
                      <th scope="col">{t("warehouse.name")}</th>
                      <th scope="col">{t("warehouse.adapter")}</th>
                      <th scope="col">{t("warehouse.active")}</th>
                      <th scope="col" className="qd-right">
                        {t("warehouse.concurrency")}
                      </th>
                      <th scope="col">{t("warehouse.inbound")}</th>
                      <th scope="col">{t("warehouse.testResult")}</th>
                      <th scope="col">{t("push.do")}</th>
                    </tr>
                  </thead>
                  <tbody>
                    {rows.map((row) => (
                      <tr key={row.id}>
                        <td>
                          <b>{row.name}</b>
                        </td>
                        <td>{label(row.adapter)}</td>
                        <td>
                          <span className={`qd-tag ${row.active ? "qd-breaker-closed" : ""}`}>
                            {t(row.active ? "warehouse.on" : "push.health.off")}
                          </span>
                        </td>
                        <td className="qd-right qd-num">{row.concurrency}</td>
                        <td>
                          <code className="qd-warehouse-path">{row.inbound_path}</code>
                        </td>
                        <td className="qd-warehouse-result">
                          {results[row.id] ? <TestResult tried={results[row.id] as Tried} /> : "—"}
                        </td>
                        <td>
                          <span className="qd-push-choices">
                            <Button
                              size="small"
                              loading={test.isPending && test.variables === row.id}
                              onClick={() => test.mutate(row.id)}
                            >
                              {t("warehouse.test")}
                            </Button>
                            <Button size="small" onClick={() => open(row)}>
                              {t("warehouse.edit")}
                            </Button>
                          </span>
                        </td>
                      </tr>
                    ))}
                  </tbody>
                </table>
              </div>
            )}
          </div>
        </section>
        {rows.length > 0 && (
          <section className="qd-panel" aria-label={t("routing.title")}>
            <div className="qd-panel-head">
              <h2>{t("routing.title")}</h2>
              <span className="qd-muted">{t("routing.note")}</span>
            </div>
            <div className="qd-panel-body">
              {routing.isPending && <Skeleton active />}
              {routing.isError && <Problem error={routing.error} retry={routing.refetch} />}
              {routing.data && <RoutingEditor live={routing.data.rows} names={rows.map((row) => row.name)} />}
            </div>
          </section>
        )}
      </div>
      {edited !== null && adapters.data && (
        <WarehouseDialog
          warehouse={edited === "new" ? null : edited}
          adapters={adapters.data}
          busy={save.isPending}
          error={save.error}
          onCancel={() => setEdited(null)}
          onSave={(body) => save.mutate(body)}
        />
      )}
    </>
  );
}
