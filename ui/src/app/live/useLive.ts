import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useEffect, useSyncExternalStore } from "react";
import { listen, type News } from "./stream";

/** Questions whose answers a topic changes, by the first part of their key; a topic that is not named is a key itself. */
const KEYS: Readonly<Record<string, readonly string[]>> = {
  orders: ["orders", "order", "notices", "desk"],
};
const EVERYTHING = "*";
const UNMOVED = new Set(["session", "catalogue"]);
/** What changes by the person's own acts alone; an answer asked before a verdict must not bring its order back. */
const OWN = new Set(["desk/leases"]);
/** An import changes orders many times a second; nobody reads a list that fast. */
const PACE_MS = 2_000;

let connected = false;
const watchers = new Set<() => void>();

function setConnected(up: boolean): void {
  if (up === connected) return;
  connected = up;
  for (const watcher of watchers) watcher();
}

/** Whether the server can tell this page what changes. */
export function useConnected(): boolean {
  return useSyncExternalStore(
    (watcher) => {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
    () => connected,
  );
}

/** Topics → the questions to ask again, in one go after a while; the first at once. */
export function pacer(ask: (keys: ReadonlySet<string>) => void, pace = PACE_MS) {
  let due = new Set<string>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const flush = () => {
    timer = undefined;
    if (due.size === 0) return;
    ask(due);
    due = new Set();
    timer = setTimeout(flush, pace);
  };
  return {
    tell(topics: readonly string[]) {
      for (const topic of topics) for (const key of KEYS[topic] ?? [topic]) due.add(key);
      if (timer === undefined) flush();
    },
    stop: () => clearTimeout(timer),
  };
}

function refresh(client: QueryClient, keys: ReadonlySet<string>): void {
  const all = keys.has(EVERYTHING);
  void client.invalidateQueries({
    predicate: ({ queryKey: [first, second] }) =>
      typeof first === "string" &&
      !OWN.has(`${first}/${second}`) &&
      (all ? !UNMOVED.has(first) : keys.has(first)),
  });
}

function connect(hear: (news: News) => void): () => void {
  if (typeof SharedWorker === "undefined") return listen(hear);
  const worker = new SharedWorker(new URL("./live.worker.ts", import.meta.url), {
    type: "module",
    name: "qingdan-live",
  });
  worker.port.onmessage = ({ data }: MessageEvent<News>) => hear(data);
  worker.port.postMessage("join");
  const leave = () => worker.port.postMessage("leave");
  const join = (event: PageTransitionEvent) => event.persisted && worker.port.postMessage("join");
  window.addEventListener("pagehide", leave);
  window.addEventListener("pageshow", join);
  return () => {
    window.removeEventListener("pagehide", leave);
    window.removeEventListener("pageshow", join);
    leave();
    worker.port.close();
  };
}

/** Keep what this tab shows as the server has it, for as long as the caller is on the page. */
export function useLive(active: boolean): void {
  const client = useQueryClient();
  useEffect(() => {
    if (!active) return;
    const pace = pacer((keys) => refresh(client, keys));
    const stop = connect((news) => {
      if (news.kind === "board") client.setQueryData(["board"], news.board);
      else if (news.kind === "changed") pace.tell(news.topics);
      else setConnected(news.up);
    });
    return () => {
      stop();
      pace.stop();
      setConnected(false);
    };
  }, [client, active]);
}
