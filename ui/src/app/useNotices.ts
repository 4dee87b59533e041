import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api } from "../api";
import { call } from "../api/http";
import type { components } from "../api/schema";
import type { Bilingual } from "../api/types";
import { cases } from "../features/cases/api";
import { useSetup } from "../features/cases/useSetup";
import { useLabels } from "./catalogue";
import { useRight } from "./session";
import { usePolicyNotices } from "./usePolicyNotices";

type DeskNotices = components["schemas"]["DeskNoticesOut"];

const ORDERS = ["notices"];
const CASES = ["cases", "notices"];
const DESK = ["desk", "notices"];

const desk = {
  unread: (signal?: AbortSignal) => call<DeskNotices>("GET", "/api/desk/notices", { signal }),
  read: (ids: readonly number[], all: boolean) =>
    call<DeskNotices>("POST", "/api/desk/notices/read", { body: { ids, all } }),
};

/** One thing that the person is told, whichever room says it. */
export interface Notice {
  key: string;
  kind: string;
  at: string;
  title: string;
  text: string;
  note: string;
  to: string;
  read: () => void;
}

/** Something that reads marks, and what is left once it did. */
function useMarks<Id, Left>(key: readonly string[], mark: (ids: Id[], all: boolean) => Promise<Left>) {
  const client = useQueryClient();
  const { mutate } = useMutation({
    mutationFn: (id: Id | null) => mark(id === null ? [] : [id], id === null),
    onSuccess: (left) => client.setQueryData(key, left),
  });
  return mutate;
}

function useOrderNotices() {
  const { t } = useTranslation();
  const labels = useLabels();
  const unread = useQuery({ queryKey: ORDERS, queryFn: ({ signal }) => api.notices(signal) });
  const mark = useMarks(ORDERS, api.readNotices);
  const rows = (unread.data?.rows ?? []).map(
    (one): Notice => ({
      key: `order-${one.id}`,
      kind: "order",
      at: one.at,
      title: one.alerts
        .map((alert) => t(`alert.${alert}`, { defaultValue: alert }))
        .join(t("cases.listMark")),
      text: `${labels.value("channel", one.channel)} ${one.order_no}`,
      note: labels.value("stage", one.stage),
      to: `/orders?order=${one.order_id}`,
      read: () => mark(one.id),
    }),
  );
  return { rows, total: unread.data?.total ?? 0, readAll: () => mark(null) };
}

function useCaseNotices(enabled: boolean) {
  const { t } = useTranslation();
  const { type } = useSetup();
  const unread = useQuery({ queryKey: CASES, queryFn: ({ signal }) => cases.notices(signal), enabled });
  const mark = useMarks(CASES, cases.readNotices);
  const rows = (unread.data?.rows ?? []).map(
    (one): Notice => ({
      key: `case-${one.id}`,
      kind: one.kind,
      at: one.at,
      title: t(`notices.case.${one.kind}`, { name: one.by }),
      text: one.text || one.order_no,
      note: [type(one.case_type), one.text ? one.order_no : ""].filter(Boolean).join(" · "),
      to: `/orders?order=${one.order_id}`,
      read: () => mark(one.id),
    }),
  );
  return { rows, total: unread.data?.total ?? 0, readAll: () => mark(null) };
}

function useDeskNotices() {
  const { t } = useTranslation();
  const labels = useLabels();
  const unread = useQuery({ queryKey: DESK, queryFn: ({ signal }) => desk.unread(signal) });
  const mark = useMarks(DESK, desk.read);
  const rows = (unread.data?.rows ?? []).map(
    (one): Notice => ({
      key: `desk-${one.id}`,
      kind: one.kind,
      at: one.at,
      title: t(`notices.desk.${one.kind}`, { defaultValue: t("nav.desk") }),
      text: labels.say(one.text),
      note: "",
      to: one.order_id === null ? "/desk" : `/orders?order=${one.order_id}`,
      read: () => mark(one.id),
    }),
  );
  return { rows, total: unread.data?.total ?? 0, readAll: () => mark(null) };
}

/**
 * What the person is told and has not read: of her orders, of cases, of the desk and of the policy, the newest first.
 * The live stream asks anew; how notices arrive is known here alone.
 */
export function useNotices(): { rows: Notice[]; total: number; readAll: () => void } {
  const { t } = useTranslation();
  const labels = useLabels();
  const right = useRight();
  const sources = [useOrderNotices(), useCaseNotices(right("cases.view")), useDeskNotices()];
  const policies = usePolicyNotices();
  const paused = policies.rows.map(
    (one): Notice => ({
      key: `policy-${one.id}`,
      kind: one.kind,
      at: one.at,
      title: t("notices.rulePaused"),
      text: labels.say(one.details.title as Bilingual),
      note: t("notices.rulePausedText", {
        n: Number(one.details.looked_at),
        wrong: Number(one.details.wrong),
      }),
      to: "/policy?tab=audit",
      read: () => policies.read([one.id]),
    }),
  );
  return {
    rows: [...sources.flatMap(({ rows }) => rows), ...paused].sort(
      (a, b) => Date.parse(b.at) - Date.parse(a.at),
    ),
    total: sources.reduce((sum, { total }) => sum + total, paused.length),
    readAll: () => {
      for (const source of sources) if (source.total > 0) source.readAll();
      policies.read(policies.rows.map((one) => one.id));
    },
  };
}
