/**
 * One stream for all tabs of a browser: a browser opens only a few connections to a server, and twenty tabs with a
 * stream each would leave none for their questions.
 */
import { listen, type News } from "./stream";

const scope = self as unknown as { onconnect: ((event: MessageEvent) => void) | null };
const tabs = new Set<MessagePort>();
let stop: (() => void) | null = null;
let last: News | null = null;
let up: News = { kind: "up", up: false };

function hear(news: News): void {
  if (news.kind === "board") last = news;
  if (news.kind === "up") up = news;
  for (const tab of tabs) tab.postMessage(news);
}

function leave(tab: MessagePort): void {
  tabs.delete(tab);
  if (tabs.size > 0) return;
  stop?.();
  stop = null;
  last = null;
}

scope.onconnect = (event) => {
  const tab = event.ports[0];
  if (!tab) return;
  tab.onmessage = ({ data }) => {
    if (data === "leave") return leave(tab);
    tabs.add(tab);
    tab.postMessage(up);
    if (last) tab.postMessage(last);
    stop ??= listen(hear);
  };
};
