import type { Board } from "../../api/types";

/** What the server tells open pages; `up` says whether it can tell anything at the moment. */
export type News =
  | { kind: "board"; board: Board }
  | { kind: "changed"; topics: string[] }
  | { kind: "up"; up: boolean };

const SILENCE_MS = 40_000;
const AGAIN_MS = [1_000, 2_000, 5_000, 10_000, 30_000];

/**
 * Listens to the server until the returned function is called. The browser reconnects by itself after a network
 * fault; a refusal ends its attempts, and a sleeping laptop may leave a connection that is dead without knowing it, so
 * both are watched for here: the server gives a sign of life every 15 seconds.
 */
export function listen(hear: (news: News) => void): () => void {
  let source: EventSource | null = null;
  let watch: ReturnType<typeof setTimeout> | undefined;
  let failures = 0;
  let over = false;

  const again = (after: number) => {
    clearTimeout(watch);
    if (!over) watch = setTimeout(open, after);
  };
  const alive = () => {
    failures = 0;
    again(SILENCE_MS);
  };
  function open() {
    source?.close();
    source = new EventSource("/api/stream");
    again(SILENCE_MS);
    source.addEventListener("open", () => {
      alive();
      hear({ kind: "up", up: true });
    });
    source.addEventListener("beat", alive);
    source.addEventListener("board", (event) => {
      alive();
      hear({ kind: "board", board: JSON.parse(event.data) });
    });
    source.addEventListener("changed", (event) => {
      alive();
      hear({ kind: "changed", topics: JSON.parse(event.data).topics });
    });
    source.addEventListener("error", () => {
      hear({ kind: "up", up: false });
      if (source?.readyState === EventSource.CLOSED) {
        again(AGAIN_MS[Math.min(failures, AGAIN_MS.length - 1)] ?? SILENCE_MS);
        failures += 1;
      }
    });
  }
  open();
  return () => {
    over = true;
    clearTimeout(watch);
    source?.close();
  };
}
