import { autocompletion, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { yaml } from "@codemirror/lang-yaml";
import { bracketMatching, HighlightStyle, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { type Diagnostic, lintGutter, lintKeymap, setDiagnostics } from "@codemirror/lint";
import { EditorState } from "@codemirror/state";
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  keymap,
  lineNumbers,
} from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { useLabels } from "../../../app/catalogue";
import type { PolicyProblem } from "../api";
import { completions } from "../model/completions";
import type { Lexicon } from "../model/lexicon";

interface Props {
  source: string;
  problems: readonly PolicyProblem[];
  names: Lexicon;
  readOnly: boolean;
  onChange: (source: string) => void;
}

const COLOURS = HighlightStyle.define([
  { tag: tags.comment, color: "var(--qd-text-3)" },
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: "var(--qd-primary)" },
  { tag: [tags.string, tags.content], color: "var(--qd-text)" },
  { tag: [tags.punctuation, tags.separator, tags.squareBracket, tags.brace], color: "var(--qd-text-2)" },
  { tag: [tags.keyword, tags.atom, tags.bool, tags.number], color: "var(--qd-blue)" },
]);

const LOOK = EditorView.theme({
  "&": { height: "100%", fontSize: "13px", backgroundColor: "var(--qd-surface)", color: "var(--qd-text)" },
  ".cm-content": {
    fontFamily:
      'ui-monospace, "SF Mono", "Cascadia Mono", Consolas, "DejaVu Sans Mono", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", monospace',
    lineHeight: "1.7",
    caretColor: "var(--qd-text)",
  },
  ".cm-gutters": {
    backgroundColor: "var(--qd-sunken)",
    color: "var(--qd-text-3)",
    borderRight: "1px solid var(--qd-line)",
  },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "var(--qd-primary-soft)" },
  "&.cm-focused": { outline: "none" },
  "&.cm-focused .cm-selectionBackground, .cm-selectionBackground": {
    backgroundColor: "var(--qd-heat-1) !important",
  },
  ".cm-cursor": { borderLeftColor: "var(--qd-text)" },
  ".cm-tooltip": {
    backgroundColor: "var(--qd-surface)",
    color: "var(--qd-text)",
    border: "1px solid var(--qd-line-strong)",
    borderRadius: "6px",
  },
  ".cm-tooltip-autocomplete ul li[aria-selected]": {
    backgroundColor: "var(--qd-primary-soft)",
    color: "var(--qd-text)",
  },
  ".cm-completionDetail": { color: "var(--qd-text-2)", fontStyle: "normal" },
});

/** The policy as text, with the problems underlined where they are. */
export function TextEditor({ source, problems, names, readOnly, onChange }: Props) {
  const { t } = useTranslation();
  const labels = useLabels();
  const place = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const report = useRef(onChange);
  report.current = onChange;
  const first = useRef(source);

  useEffect(() => {
    if (!place.current) return;
    const made = new EditorView({
      parent: place.current,
      state: EditorState.create({
        doc: first.current,
        extensions: [
          lineNumbers(),
          lintGutter(),
          highlightActiveLine(),
          highlightActiveLineGutter(),
          drawSelection(),
          history(),
          bracketMatching(),
          indentUnit.of("  "),
          yaml(),
          syntaxHighlighting(COLOURS),
          autocompletion({ override: [completions(names)], icons: false }),
          keymap.of([...completionKeymap, ...lintKeymap, ...historyKeymap, ...defaultKeymap, indentWithTab]),
          EditorView.lineWrapping,
          EditorView.contentAttributes.of({ "aria-label": t("studio.text.label") }),
          EditorState.readOnly.of(readOnly),
          LOOK,
          EditorView.updateListener.of((update) => {
            if (update.docChanged) report.current(update.state.doc.toString());
          }),
        ],
      }),
    });
    made.scrollDOM.tabIndex = 0;
    view.current = made;
    return () => {
      view.current = null;
      made.destroy();
    };
  }, [names, readOnly, t]);

  useEffect(() => {
    const editor = view.current;
    if (!editor || editor.state.doc.toString() === source || editor.hasFocus) return;
    editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: source } });
    first.current = source;
  }, [source]);

  useEffect(() => {
    const editor = view.current;
    if (!editor) return;
    const { doc } = editor.state;
    const found = problems.map((problem): Diagnostic => {
      const line = doc.line(Math.min(Math.max(problem.line, 1), doc.lines));
      const from = Math.min(line.from + Math.max(problem.column - 1, 0), line.to);
      const run = /^[^\s,，、(){}[\]]+/.exec(doc.sliceString(from, line.to))?.[0].length ?? 1;
      return {
        from,
        to: Math.min(Math.max(from + run, from), line.to),
        severity: problem.severity,
        message: [labels.say(problem.message), labels.say(problem.advice)].filter(Boolean).join(" "),
      };
    });
    editor.dispatch(setDiagnostics(editor.state, found));
  }, [problems, labels]);

  const go = (problem: PolicyProblem) => {
    const editor = view.current;
    if (!editor) return;
    const line = editor.state.doc.line(Math.min(problem.line, editor.state.doc.lines));
    const at = Math.min(line.from + problem.column - 1, line.to);
    editor.dispatch({ selection: { anchor: at }, scrollIntoView: true });
    editor.focus();
  };
  return (
    <div className="qd-text-editor">
      <div ref={place} className="qd-panel qd-text-area" data-testid="policy-text" />
      {problems.length > 0 && (
        <ul className="qd-text-problems">
          {problems.map((problem) => (
            <li key={`${problem.code}:${problem.line}:${problem.column}`}>
              <button type="button" onClick={() => go(problem)}>
                <span className={problem.severity === "error" ? "qd-red" : "qd-amber"}>
                  {t("studio.text.at", { line: problem.line, column: problem.column })}
                </span>{" "}
                {labels.say(problem.message)} <span className="qd-muted">{labels.say(problem.advice)}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
