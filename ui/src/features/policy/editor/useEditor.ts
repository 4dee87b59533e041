import { useCallback, useEffect, useMemo, useReducer, useRef, useState } from "react";
import { ApiError } from "../../../api/http";
import type { Bilingual } from "../../../api/types";
import { usePreferences } from "../../../app/preferences";
import { type Checked, type Draft, policies } from "../api";
import { type Form, KIND, SECTIONS } from "../model/form";
import { begin, edit, type History, redo, undo } from "../model/history";
import { type Group, same } from "../model/tree";

export type Mode = "visual" | "text";

interface State {
  history: History<Form>;
  /** The policy as text; behind the form while `pending`. */
  source: string;
  checked: Checked;
  said: Said;
  /** What was changed last and has not been to the server yet. */
  pending: Mode | null;
  mode: Mode;
}

/** Sentences by kind and id, each with the condition that it puts in words. */
type Said = ReadonlyMap<string, { text: Bilingual; condition: Group | null }>;

/** An unfinished policy has no sentences; those of the rules that nobody touched stay. */
function listen(before: Said, form: Form, { sentences }: Checked): Said {
  if (sentences.length === 0) return before;
  const conditions = new Map<string, Group | null>([["scope/scope", form.scope]]);
  for (const section of SECTIONS)
    for (const rule of form[section]) conditions.set(`${KIND[section]}/${rule.id}`, rule.condition);
  for (const tier of form.tiers) conditions.set(`tier/${tier.id}`, tier.condition);
  return new Map(
    sentences.map(({ kind, id, text }) => {
      const key = `${kind}/${id}`;
      return [key, { text, condition: conditions.get(key) ?? null }];
    }),
  );
}

type Step =
  | { do: "edit"; form: Form; touched: string; at: number }
  | { do: "type"; source: string }
  | { do: "undo" | "redo" }
  | { do: "mode"; mode: Mode }
  | { do: "rendered"; form: Form; source: string; checked: Checked }
  | { do: "checked"; source: string; checked: Checked; at: number };

function next(state: State, step: Step): State {
  switch (step.do) {
    case "edit":
      return {
        ...state,
        history: edit(state.history, step.form, step.touched, step.at),
        pending: step.form === state.history.present ? state.pending : "visual",
      };
    case "type":
      return step.source === state.source ? state : { ...state, source: step.source, pending: "text" };
    case "undo":
    case "redo": {
      const history = (step.do === "undo" ? undo : redo)(state.history);
      return history === state.history ? state : { ...state, history, pending: "visual" };
    }
    case "mode":
      return { ...state, mode: step.mode };
    case "rendered":
      return state.history.present === step.form && state.pending === "visual"
        ? {
            ...state,
            source: step.source,
            checked: step.checked,
            said: listen(state.said, step.form, step.checked),
            pending: null,
          }
        : state;
    case "checked": {
      if (state.source !== step.source || state.pending !== "text") return state;
      const form = step.checked.form;
      const history = form ? edit(state.history, form, "text", step.at) : state.history;
      const said = form ? listen(state.said, form, step.checked) : state.said;
      return { ...state, history, checked: step.checked, said, pending: null };
    }
  }
}

const PAUSE_MS = { visual: 180, text: 350 } as const;
const SAVE_MS = 900;

export interface Editor {
  form: Form;
  source: string;
  checked: Checked;
  /** A rule in plain words, as long as its condition is the one that was put in words. */
  sentence: (kind: string, id: string, condition: Group | null) => Bilingual | null;
  mode: Mode;
  /** The server has not seen the last change yet. */
  pending: boolean;
  /** Changes the form; edits with the same `touched` soon after each other are undone together. */
  change: (form: Form, touched?: string) => void;
  type: (source: string) => void;
  setMode: (mode: Mode) => void;
  undo: (() => void) | null;
  redo: (() => void) | null;
  error: unknown;
  draft: Draft;
  rename: (name: string) => void;
  saving: "saved" | "waiting" | "failed";
  saveError: unknown;
  /** Stores what is not stored yet and resolves when it is. */
  flush: () => Promise<void>;
}

/** A draft being edited: one history, two ways to write it, saved as it goes. */
export function useEditor(opened: Draft, first: Checked & { form: Form }): Editor {
  const { language } = usePreferences();
  const [state, send] = useReducer(next, null, () => ({
    history: begin(first.form),
    source: opened.source,
    checked: first,
    said: listen(new Map(), first.form, first),
    pending: null,
    mode: "visual" as const,
  }));
  const [error, setError] = useState<unknown>(null);
  const { history, source, pending } = state;
  const form = history.present;

  useEffect(() => {
    if (pending === null) return;
    const stop = new AbortController();
    const timer = setTimeout(async () => {
      try {
        if (pending === "visual") {
          const made = await policies.render(form, language, stop.signal);
          send({ do: "rendered", form, ...made });
        } else {
          const checked = await policies.check(source, language, stop.signal);
          send({ do: "checked", source, checked, at: Date.now() });
        }
        setError(null);
      } catch (problem) {
        if (!stop.signal.aborted) setError(problem);
      }
    }, PAUSE_MS[pending]);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [pending, form, source, language]);

  const saved = useSaving(opened, source, pending !== null);
  const change = useCallback(
    (made: Form, touched = "") => send({ do: "edit", form: made, touched, at: Date.now() }),
    [],
  );
  const type = useCallback((text: string) => send({ do: "type", source: text }), []);
  const setMode = useCallback((mode: Mode) => send({ do: "mode", mode }), []);
  const canUndo = history.past.length > 0;
  const canRedo = history.future.length > 0;
  return useMemo(
    () => ({
      form,
      source,
      checked: state.checked,
      sentence: (kind: string, id: string, condition: Group | null) => {
        const found = state.said.get(`${kind}/${id}`);
        return found && same(found.condition, condition) ? found.text : null;
      },
      mode: state.mode,
      pending: pending !== null,
      change,
      type,
      setMode,
      undo: canUndo ? () => send({ do: "undo" }) : null,
      redo: canRedo ? () => send({ do: "redo" }) : null,
      error,
      ...saved,
    }),
    [
      form,
      source,
      state.checked,
      state.said,
      state.mode,
      pending,
      change,
      type,
      setMode,
      canUndo,
      canRedo,
      error,
      saved,
    ],
  );
}

/** Stores a draft whenever its text or name rests for a moment. */
function useSaving(opened: Draft, source: string, busy: boolean) {
  const [draft, setDraft] = useState(opened);
  const [name, setName] = useState(opened.name);
  const [saveError, setSaveError] = useState<unknown>(null);
  const latest = useRef({ draft, name, source });
  latest.current = { draft, name, source };
  const running = useRef<Promise<void> | null>(null);
  const dirty = draft.source !== source || draft.name !== name;

  const save = useCallback(async (): Promise<void> => {
    await running.current;
    const { draft: before, name: named, source: text } = latest.current;
    if (before.source === text && before.name === named) return;
    const run = async () => {
      try {
        const stored = await policies.saveDraft(before.id, {
          name: named.trim() || before.name,
          source: text,
          version: before.version,
        });
        // The server may trim the name; what was typed stays until it is changed again.
        const kept = { ...stored, name: named };
        latest.current = { ...latest.current, draft: kept };
        setDraft(kept);
        setSaveError(null);
      } catch (problem) {
        setSaveError(problem);
        throw problem;
      } finally {
        running.current = null;
      }
    };
    running.current = run();
    await running.current;
  }, []);

  const stale = saveError instanceof ApiError && saveError.status === 409;
  useEffect(() => {
    const waiting = source !== draft.source || name !== draft.name;
    if (!waiting || busy || stale) return;
    const timer = setTimeout(() => void save().catch(() => undefined), SAVE_MS);
    return () => clearTimeout(timer);
  }, [draft, busy, stale, save, source, name]);

  const saving = saveError ? ("failed" as const) : dirty || busy ? ("waiting" as const) : ("saved" as const);
  return useMemo(
    () => ({ draft: { ...draft, name }, rename: setName, saving, saveError, flush: save }),
    [draft, name, saving, saveError, save],
  );
}
