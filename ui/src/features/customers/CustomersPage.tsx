import { useQuery } from "@tanstack/react-query";
import { Segmented, Skeleton } from "antd";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import { usePreferences } from "../../app/preferences";
import { useRight } from "../../app/session";
import { count } from "../../ui/format";
import { PageHeader } from "../../ui/PageHeader";
import { Problem } from "../../ui/Problem";
import { Time } from "../../ui/Time";
import { customers, type Kind } from "./api";
import { Changes } from "./Changes";
import { Entries } from "./Entries";
import { Uploads } from "./Uploads";
import "../imports/imports.css";
import "./customers.css";

/** Customer lists: VIP, returns, blacklist, key accounts. */
export function CustomersPage() {
  const { t } = useTranslation();
  const { language } = usePreferences();
  const edits = useRight()("customers.edit");
  const [search, setSearch] = useSearchParams();
  const lists = useQuery({
    queryKey: ["customers", "lists"],
    queryFn: ({ signal }) => customers.lists(signal),
  });
  const names = new Map((lists.data ?? []).map((list) => [list.id, language === "zh" ? list.zh : list.en]));
  const open = lists.data?.find((list) => list.id === search.get("list")) ?? lists.data?.[0];
  return (
    <>
      <PageHeader title={t("customers.title")} note={t("customers.note")} />
      {lists.isError && <Problem error={lists.error} retry={lists.refetch} />}
      {lists.isPending && <Skeleton active />}
      {open && (
        <section className="qd-panel qd-lists" data-testid="customer-lists" aria-label={t("customers.title")}>
          <div className="qd-list-head">
            <Segmented
              value={open.id}
              onChange={(kind) => setSearch({ list: kind })}
              options={(lists.data ?? []).map((list) => ({
                value: list.id,
                label: `${names.get(list.id)} ${count(list.entries)}`,
              }))}
            />
            {open.changed_at && (
              <span className="qd-muted">
                {t("customers.changed")} <Time at={open.changed_at} as="short" />
              </span>
            )}
            {edits && <Uploads kind={open.id as Kind} name={names.get(open.id) ?? ""} />}
          </div>
          <p className="qd-muted qd-list-effect">{t(`customers.effect.${open.id}`)}</p>
          <Entries kind={open.id as Kind} name={names.get(open.id) ?? ""} />
        </section>
      )}
      <Changes names={names} />
    </>
  );
}
