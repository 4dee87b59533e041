import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useState, useSyncExternalStore } from "react";
import { api } from "../../api";
import { ApiError } from "../../api/http";
import { usePreferences } from "../../app/preferences";
import {
  type DeskRow,
  desk,
  type Leases,
  type QueueName,
  type Ruled,
  type SkipCode,
  type VerdictBody,
} from "./api";
import { type Job, Sender } from "./sender";

const LEASES = ["desk", "leases"] as const;
/** Orders whose cards are fetched before they are needed. */
const AHEAD = 5;

/** A verdict that the server has taken, and that may still be taken back. */
export interface Given {
  order: number;
  orderNo: string;
  verdict: VerdictBody["verdict"];
  version: number;
  recallUntil: string | null;
}

/** A verdict that the server refused: the order is back, and this says why. */
export interface Refusal {
  order: number;
  orderNo: string;
  verdict: VerdictBody["verdict"];
  error: ApiError;
}

/** The person's batch: the orders she holds, the one before her, and what she may do with it. */
export function usePlay() {
  const client = useQueryClient();
  const { language } = usePreferences();
  const leases = useQuery({ queryKey: LEASES, queryFn: ({ signal }) => desk.leases(signal) });
  const [chosen, choose] = useState<number | null>(null);
  const [given, setGiven] = useState<Given | null>(null);
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const [trouble, setTrouble] = useState<unknown>(null);

  const drop = useCallback(
    (order: number) =>
      client.setQueryData<Leases>(LEASES, (old) =>
        old ? { ...old, rows: old.rows.filter((row) => row.id !== order) } : old,
      ),
    [client],
  );
  const refresh = useCallback(() => client.invalidateQueries({ queryKey: ["desk"] }), [client]);

  const [sender] = useState(
    () =>
      new Sender(desk.rule, window.sessionStorage, {
        done: (job: Job, ruled: Ruled) => {
          drop(job.order);
          setGiven({
            order: job.order,
            orderNo: job.orderNo,
            verdict: job.body.verdict,
            version: ruled.row.version,
            recallUntil: ruled.recall_until,
          });
        },
        refused: (job: Job, error: ApiError) => {
          setRefusal({ order: job.order, orderNo: job.orderNo, verdict: job.body.verdict, error });
          choose(job.order);
          void client.invalidateQueries({ queryKey: ["order", String(job.order)] });
          void client.invalidateQueries({ queryKey: LEASES });
        },
      }),
  );
  useEffect(() => sender.resume(), [sender]);
  const jobs = useSyncExternalStore(
    useCallback((watcher: () => void) => sender.watch(watcher), [sender]),
    () => sender.jobs,
  );

  const rows = useMemo(() => {
    const sending = new Set(jobs.map((job) => job.order));
    return (leases.data?.rows ?? []).filter((row) => !sending.has(row.id));
  }, [leases.data, jobs]);
  const at = Math.max(
    rows.findIndex((row) => row.id === chosen),
    0,
  );
  const current: DeskRow | null = rows[at] ?? null;

  useEffect(() => {
    for (const row of rows.slice(at, at + 1 + AHEAD)) {
      void client.prefetchQuery({
        queryKey: ["order", String(row.id), language],
        queryFn: ({ signal }) => api.order(String(row.id), signal),
        staleTime: 60_000,
      });
    }
  }, [client, rows, at, language]);

  // the person works as long as the page is in front of her
  const seconds = leases.data?.seconds ?? 0;
  const held = leases.data?.rows;
  useEffect(() => {
    if (!seconds || !held?.length) return;
    const renew = async () => {
      if (document.hidden) return;
      const mine = held.flatMap(({ id, desk: { lease } }) =>
        lease?.token != null ? [{ order_id: id, token: lease.token }] : [],
      );
      try {
        const { lost } = await desk.renew(mine);
        if (lost.length > 0) void refresh();
      } catch (error) {
        if (!(error instanceof ApiError)) throw error; // a server that is away is asked again at the next turn
      }
    };
    const timer = setInterval(() => void renew(), (seconds * 1_000) / 3);
    return () => clearInterval(timer);
  }, [seconds, held, refresh]);

  /** Run something that talks to the server; what goes wrong is shown. */
  const attempt = useCallback(async (work: () => Promise<unknown>) => {
    setTrouble(null);
    try {
      await work();
    } catch (error) {
      setTrouble(error);
    }
  }, []);

  const next = useCallback(() => choose(rows[at + 1]?.id ?? rows[at - 1]?.id ?? null), [rows, at]);

  return {
    rows,
    current,
    jobs,
    given,
    refusal,
    trouble,
    loading: leases.isPending,
    failed: leases.error,
    total: leases.data?.rows.length ?? 0,
    choose,
    move: (by: 1 | -1) => choose(rows[at + by]?.id ?? current?.id ?? null),
    claim: (queue: QueueName) =>
      attempt(async () => client.setQueryData<Leases>(LEASES, await desk.claim(queue))),
    rule: (row: DeskRow, verdict: Omit<VerdictBody, "version" | "token">) => {
      setRefusal(null);
      next();
      sender.add(row.id, row.order_no, {
        ...verdict,
        version: row.version,
        token: row.desk.lease?.token ?? null,
      });
    },
    skip: (row: DeskRow, code: SkipCode, note: string) => {
      next();
      return attempt(async () => {
        await desk.skip(row.id, code, note);
        drop(row.id);
      });
    },
    snooze: (row: DeskRow, until: string, note: string) => {
      next();
      return attempt(async () => {
        await desk.snooze(row.id, until, note);
        drop(row.id);
        void refresh();
      });
    },
    giveBack: () =>
      attempt(async () => {
        await desk.giveBack([]);
        await refresh();
      }),
    undo: () =>
      attempt(async () => {
        if (!given) return;
        await desk.undo(given.order, given.version);
        setGiven(null);
        await desk.take(given.order);
        await refresh();
        choose(given.order);
      }),
    forgetRefusal: () => setRefusal(null),
  };
}

export type Play = ReturnType<typeof usePlay>;
