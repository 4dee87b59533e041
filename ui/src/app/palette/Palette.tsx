import { SearchOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Input, Modal } from "antd";
import { type KeyboardEvent, useEffect, useId, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { desk } from "../../features/desk/api";
import { ordersPath } from "../../features/orders/query";
import { count } from "../../ui/format";
import { useLabels } from "../catalogue";
import { LOCALES } from "../i18n";
import { pagesFor } from "../pages";
import { usePreferences } from "../preferences";
import { useRight } from "../session";
import { READ, rate } from "./pinyin";
import "./palette.css";

interface Entry {
  id: string;
  kind: "page" | "queue" | "view" | "do" | "find";
  title: string;
  /** Other names that find it. */
  also: string[];
  hint?: string;
  run: () => void;
}

const MOST = 12;

function useEntries(open: boolean): Entry[] {
  const { t, i18n } = useTranslation();
  const labels = useLabels();
  const right = useRight();
  const go = useNavigate();
  const { language, setLanguage, scheme, setTheme } = usePreferences();
  const queues = useQuery({
    queryKey: ["desk", "queues"],
    queryFn: ({ signal }) => desk.queues(signal),
    enabled: open && right("desk.work"),
  });
  return useMemo(() => {
    const both = (key: string) => Object.values(LOCALES).map((locale) => i18n.getFixedT(locale)(key));
    const entry = (
      kind: Entry["kind"],
      key: string,
      text: string,
      run: () => void,
      hint?: string,
    ): Entry => ({
      id: `${kind}.${key}`,
      kind,
      title: t(text),
      also: both(text),
      run,
      ...(hint ? { hint } : {}),
    });
    const entries = pagesFor(right)
      .flatMap((group) => group.pages)
      .map((page) =>
        entry("page", page.key, page.key === "policy" ? "nav.policyFull" : `nav.${page.key}`, () =>
          go(page.to),
        ),
      );
    if (right("desk.work")) entries.push(entry("do", "claim", "desk.claim", () => go("/desk/play"), "N"));
    for (const queue of queues.data?.built_in ?? [])
      entries.push({
        id: `queue.${queue.id}`,
        kind: "queue",
        title: labels.say(queue.name),
        also: [queue.name.zh, queue.name.en],
        hint: count(queue.count),
        run: () => go(queue.id === "all" ? "/desk" : `/desk?queue=${queue.id}`),
      });
    for (const queue of queues.data?.saved ?? [])
      entries.push({
        id: `saved.${queue.id}`,
        kind: "queue",
        title: queue.name,
        also: [],
        hint: count(queue.count),
        run: () => go(`/desk?${queue.query}`),
      });
    if (right("cases.view"))
      entries.push(
        entry("view", "mine", "palette.myCases", () => go("/cases?owner=me")),
        entry("view", "approvals", "cases.view.approvals", () => go("/cases?owner=my_approval")),
        entry("view", "late", "palette.lateCases", () => go("/cases?late=true")),
        entry("do", "macros", "cases.settingsTab.macros", () => go("/cases/sops?tab=macros")),
        entry("do", "messages", "cases.settingsTab.messages", () => go("/cases/sops?tab=messages")),
        entry("do", "causes", "cases.settingsTab.causes", () => go("/cases/sops?tab=causes")),
      );
    if (right("imports.create")) entries.push(entry("do", "import", "palette.import", () => go("/imports")));
    entries.push(
      entry("do", "language", "palette.language", () => setLanguage(language === "zh" ? "en" : "zh")),
      entry("do", "theme", "palette.theme", () => setTheme(scheme === "dark" ? "light" : "dark")),
    );
    return entries;
  }, [t, i18n, labels, right, go, queues.data, language, setLanguage, scheme, setTheme]);
}

function Found({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const go = useNavigate();
  const entries = useEntries(true);
  const [typed, setTyped] = useState("");
  const [at, setAt] = useState(0);
  const list = useId();
  const shown = useMemo(() => {
    const fits = entries
      .map((entry) => ({ entry, how: rate(typed, [entry.title, ...entry.also], READ[entry.id]) }))
      .filter(({ how }) => how > 0)
      .sort((a, b) => b.how - a.how)
      .slice(0, MOST)
      .map(({ entry }) => entry);
    const order = typed.trim();
    if (order)
      fits.push({
        id: "find",
        kind: "find",
        title: t("palette.find", { text: order }),
        also: [],
        run: () => go(ordersPath({ q: order })),
      });
    return fits;
  }, [entries, typed, t, go]);
  const take = (entry: Entry | undefined) => {
    if (!entry) return;
    onClose();
    entry.run();
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    const by = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (by !== 0) {
      event.preventDefault();
      setAt((old) => (old + by + shown.length) % Math.max(shown.length, 1));
    } else if (event.key === "Enter") {
      event.preventDefault();
      take(shown[at]);
    }
  };
  return (
    <div className="qd-palette" data-testid="palette">
      <Input
        size="large"
        variant="borderless"
        autoFocus
        prefix={<SearchOutlined aria-hidden />}
        value={typed}
        placeholder={t("palette.hint")}
        role="combobox"
        aria-expanded
        aria-controls={list}
        aria-activedescendant={shown[at] ? `${list}-${at}` : undefined}
        aria-label={t("palette.title")}
        onChange={(event) => {
          setTyped(event.target.value);
          setAt(0);
        }}
        onKeyDown={onKey}
      />
      <div id={list} role="listbox" aria-label={t("palette.title")}>
        {shown.map((entry, number) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are the input's, which keeps the focus
          <div
            key={entry.id}
            id={`${list}-${number}`}
            role="option"
            tabIndex={-1}
            aria-selected={number === at}
            data-entry={entry.id}
            onMouseMove={() => setAt(number)}
            onClick={() => take(entry)}
          >
            <span className="qd-muted">{t(`palette.kind.${entry.kind}`)}</span>
            <span>{entry.title}</span>
            {entry.hint && <kbd>{entry.hint}</kbd>}
          </div>
        ))}
      </div>
    </div>
  );
}

/** Every page, queue and action by name, pinyin or initials: Ctrl+K or Cmd+K. */
export function Palette() {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  useEffect(() => {
    const listen = (event: globalThis.KeyboardEvent) => {
      if (event.code !== "KeyK" || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey)
        return;
      event.preventDefault();
      setOpen((old) => !old);
    };
    window.addEventListener("keydown", listen);
    return () => window.removeEventListener("keydown", listen);
  }, []);
  return (
    <>
      <button
        type="button"
        className="qd-rail-tool"
        data-testid="palette-open"
        title={t("palette.keys")}
        onClick={() => setOpen(true)}
      >
        <SearchOutlined aria-hidden />
        <span>{t("palette.short")}</span>
      </button>
      <Modal
        open={open}
        footer={null}
        closable={false}
        width={560}
        style={{ top: "14vh" }}
        rootClassName="qd-palette-dialog"
        onCancel={() => setOpen(false)}
        destroyOnHidden
      >
        <Found onClose={() => setOpen(false)} />
      </Modal>
    </>
  );
}
