import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Skeleton } from "antd";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import { api } from "../../api";
import { useRight } from "../../app/session";
import { EmptyState } from "../../ui/EmptyState";
import { PageHeader } from "../../ui/PageHeader";
import { Problem } from "../../ui/Problem";
import { DropZone } from "./DropZone";
import { History } from "./History";
import { ImportCard } from "./ImportCard";
import { running, undoing } from "./states";
import "./imports.css";

const WATCH = 700;

/** The import being looked at, asked again while it runs; figures elsewhere are stale once it ends. */
function useImport(id: string | null) {
  const client = useQueryClient();
  const job = useQuery({
    queryKey: ["imports", "one", id],
    queryFn: ({ signal }) => api.importJob(id ?? "", signal),
    enabled: id !== null,
    refetchInterval: ({ state: { data } }) =>
      data && (running(data.state) || undoing(data)) ? WATCH : false,
  });
  const busy = job.data && (running(job.data.state) || undoing(job.data));
  const before = useRef(busy);
  useEffect(() => {
    if (before.current && busy === false) {
      for (const key of ["board", "orders", "catalogue"]) void client.invalidateQueries({ queryKey: [key] });
      void client.invalidateQueries({ queryKey: ["imports", "list"] });
    }
    before.current = busy;
  }, [busy, client]);
  return job;
}

export function ImportsPage() {
  const { t } = useTranslation();
  const right = useRight();
  const client = useQueryClient();
  const [params, setParams] = useSearchParams();
  const [sent, setSent] = useState(0);
  const page = Math.max(1, Number(params.get("page")) || 1);
  const list = useQuery({
    queryKey: ["imports", "list", page],
    queryFn: ({ signal }) => api.imports(page, signal),
    placeholderData: keepPreviousData,
  });
  const open = params.get("import") ?? (list.data?.rows[0] ? String(list.data.rows[0].id) : null);
  const job = useImport(open);
  const start = useMutation({
    mutationFn: ({ files, shop }: { files: File[]; shop: string }) => api.startImport(files, shop, setSent),
    onSuccess: async (created) => {
      client.setQueryData(["imports", "one", String(created.id)], created);
      setParams({ import: String(created.id) });
      await client.invalidateQueries({ queryKey: ["imports", "list"] });
    },
    onSettled: () => setSent(0),
  });
  return (
    <>
      <PageHeader title={t("nav.imports")} note={t("imports.note")} />
      {right("imports.create") && (
        <DropZone
          busy={start.isPending}
          sent={sent}
          onFiles={(files, shop) => start.mutate({ files, shop })}
        />
      )}
      {start.isError && (
        <div className="qd-import-problem" role="alert">
          <Problem error={start.error} />
        </div>
      )}
      {job.isError && <Problem error={job.error} retry={job.refetch} />}
      {job.data && <ImportCard key={job.data.id} job={job.data} />}
      <section className="qd-panel" aria-label={t("imports.history")}>
        <div className="qd-panel-head">
          <h2>{t("imports.history")}</h2>
        </div>
        <div className="qd-panel-body">
          {list.isPending && <Skeleton active />}
          {list.isError && <Problem error={list.error} retry={list.refetch} />}
          {list.data?.total === 0 && <EmptyState title={t("imports.empty")} text={t("imports.emptyText")} />}
          {list.data && list.data.total > 0 && (
            <History
              jobs={list.data.rows}
              total={list.data.total}
              page={page}
              open={open}
              onPage={(next) => setParams({ page: String(next) })}
            />
          )}
        </div>
      </section>
    </>
  );
}
