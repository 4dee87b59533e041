import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { yaml } from "@codemirror/lang-yaml";
import { bracketMatching, HighlightStyle, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { type Diagnostic, lintGutter, setDiagnostics } from "@codemirror/lint";
import { EditorState } from "@codemirror/state";
import { drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { useEffect, useRef } from "react";

export interface Mark {
  line: number;
  text: string;
}

interface Props {
  source: string;
  marks: readonly Mark[];
  readOnly: boolean;
  label: string;
  onChange: (source: string) => void;
}

const COLOURS = HighlightStyle.define([
  { tag: tags.comment, color: "var(--qd-text-3)" },
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: "var(--qd-primary)" },
  { tag: [tags.punctuation, tags.separator, tags.squareBracket, tags.brace], color: "var(--qd-text-2)" },
  { tag: [tags.keyword, tags.atom, tags.bool, tags.number], color: "var(--qd-blue)" },
]);

const LOOK = EditorView.theme({
  "&": { height: "100%", fontSize: "13px", backgroundColor: "var(--qd-surface)", color: "var(--qd-text)" },
  ".cm-content": {
    fontFamily:
      'ui-monospace, "SF Mono", Consolas, "DejaVu Sans Mono", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", monospace',
    lineHeight: "1.7",
    caretColor: "var(--qd-text)",
  },
  ".cm-gutters": {
    backgroundColor: "var(--qd-sunken)",
    color: "var(--qd-text-3)",
    borderRight: "1px solid var(--qd-line)",
  },
  ".cm-activeLine": { backgroundColor: "var(--qd-primary-soft)" },
  "&.cm-focused": { outline: "none" },
  ".cm-cursor": { borderLeftColor: "var(--qd-text)" },
});

/** A text of steps with its faults marked at their lines. A new `key` begins a new text. */
export function SourceEditor({ source, marks, readOnly, label, onChange }: Props) {
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
          drawSelection(),
          history(),
          bracketMatching(),
          indentUnit.of("  "),
          yaml(),
          syntaxHighlighting(COLOURS),
          keymap.of([...historyKeymap, ...defaultKeymap, indentWithTab]),
          EditorView.lineWrapping,
          EditorView.contentAttributes.of({ "aria-label": label }),
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
  }, [label, readOnly]);

  useEffect(() => {
    const editor = view.current;
    if (!editor) return;
    const { doc } = editor.state;
    const found = marks.map((mark): Diagnostic => {
      const line = doc.line(Math.min(Math.max(mark.line, 1), doc.lines));
      return { from: line.from, to: line.to, severity: "error", message: mark.text };
    });
    editor.dispatch(setDiagnostics(editor.state, found));
  }, [marks]);

  return <div ref={place} className="qd-sop-text" data-testid="sop-text" />;
}
