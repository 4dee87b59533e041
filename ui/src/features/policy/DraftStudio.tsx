import { ArrowLeftOutlined, RedoOutlined, UndoOutlined } from "@ant-design/icons";
import { Alert, Button, Input, Segmented, Skeleton, Tooltip } from "antd";
import { lazy, Suspense, useEffect, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useSearchParams } from "react-router";
import { ApiError } from "../../api/http";
import { useCatalogue } from "../../app/catalogue";
import { ErrorBoundary } from "../../app/ErrorBoundary";
import { useRight } from "../../app/session";
import { PageHeader } from "../../ui/PageHeader";
import { Problem } from "../../ui/Problem";
import type { Checked, Draft } from "./api";
import { CompareView } from "./CompareView";
import { type EditorScope, EditorScopeProvider } from "./editor/Scope";
import { type Editor, type Mode, useEditor } from "./editor/useEditor";
import { VisualEditor } from "./editor/VisualEditor";
import { WordListDrawer } from "./editor/WordLists";
import { ImpactPanel } from "./ImpactPanel";
import { emptyForm } from "./model/form";
import { makeLexicon } from "./model/lexicon";
import { isError } from "./model/problems";
import { PublishView } from "./publish/PublishView";

const BacktestView = lazy(async () => ({
  default: (await import("./backtest/BacktestView")).BacktestView,
}));
const TextEditor = lazy(async () => ({ default: (await import("./editor/TextEditor")).TextEditor }));

const VIEWS = ["edit", "compare", "backtest", "publish"] as const;
type View = (typeof VIEWS)[number];

interface Props {
  draft: Draft;
  checked: Checked;
  reload: () => void;
}

function State({ editor }: { editor: Editor }) {
  const { t } = useTranslation();
  const errors = editor.checked.problems.filter(isError).length;
  const warnings = editor.checked.problems.length - errors;
  const said =
    errors > 0
      ? t("studio.state.errors", { n: errors })
      : warnings > 0
        ? t("studio.state.warnings", { n: warnings })
        : t("studio.state.fine");
  const tone = errors > 0 ? "qd-red" : warnings > 0 ? "qd-amber" : "qd-muted";
  return (
    <span role="status" data-testid="draft-state" data-saving={editor.saving} data-ok={editor.checked.ok}>
      <span className={tone}>{said}</span>
      <span className="qd-muted"> · {t(`studio.saving.${editor.saving}`)}</span>
    </span>
  );
}

/** A draft on the desk: written by cards or as text. */
export function DraftStudio({ draft, checked, reload }: Props) {
  const { t } = useTranslation();
  const right = useRight();
  const { data: catalogue } = useCatalogue();
  const names = useMemo(() => makeLexicon(catalogue ?? { fields: [], groups: [] }), [catalogue]);
  const first = useMemo(() => ({ ...checked, form: checked.form ?? emptyForm() }), [checked]);
  const editor = useEditor(draft, first);
  const readOnly = !right("policies.edit");
  const [list, setList] = useState<string | null | undefined>(undefined);
  const scope = useMemo<EditorScope>(
    () => ({
      names,
      words: editor.form.words,
      openWords: setList,
      readOnly,
      sentence: editor.sentence,
    }),
    [names, editor.form.words, readOnly, editor.sentence],
  );
  const [params, setParams] = useSearchParams();
  const view = VIEWS.find((one) => one === params.get("view")) ?? "edit";
  const show = (next: View) => setParams(next === "edit" ? {} : { view: next });
  const unreadable = editor.checked.form === null;
  useUndoKeys(editor);
  const stale = editor.saveError instanceof ApiError && editor.saveError.status === 409;

  return (
    <EditorScopeProvider scope={scope}>
      <PageHeader
        title={editor.draft.name}
        note={<State editor={editor} />}
        actions={
          <Link to="/policy?tab=drafts" className="qd-back">
            <ArrowLeftOutlined aria-hidden /> {t("studio.draft.back")}
          </Link>
        }
      />
      <div className="qd-studio-bar">
        <Segmented<View>
          value={view}
          aria-label={t("studio.view.label")}
          options={VIEWS.map((one) => ({ value: one, label: t(`studio.view.${one}`) }))}
          onChange={show}
        />
        {view === "edit" && (
          <>
            <Input
              className="qd-studio-name"
              aria-label={t("studio.draft.name")}
              value={editor.draft.name}
              maxLength={80}
              disabled={readOnly}
              onChange={(event) => editor.rename(event.target.value)}
            />
            <Segmented<Mode>
              value={editor.mode}
              aria-label={t("studio.mode.label")}
              options={[
                { value: "visual", label: t("studio.mode.visual"), disabled: unreadable },
                { value: "text", label: t("studio.mode.text") },
              ]}
              onChange={editor.setMode}
            />
            <Tooltip title={t("studio.undoKey")}>
              <Button
                icon={<UndoOutlined aria-hidden />}
                aria-label={t("studio.undo")}
                disabled={!editor.undo}
                onClick={() => editor.undo?.()}
              />
            </Tooltip>
            <Tooltip title={t("studio.redoKey")}>
              <Button
                icon={<RedoOutlined aria-hidden />}
                aria-label={t("studio.redo")}
                disabled={!editor.redo}
                onClick={() => editor.redo?.()}
              />
            </Tooltip>
          </>
        )}
      </div>
      {stale ? (
        <Alert
          type="warning"
          showIcon
          title={t("studio.saving.conflict")}
          action={<Button onClick={reload}>{t("studio.saving.reload")}</Button>}
        />
      ) : (
        !!(editor.error ?? editor.saveError) && <Problem error={editor.error ?? editor.saveError} />
      )}
      <ErrorBoundary resetKey={`${view}/${editor.mode}`}>
        <Suspense fallback={<Skeleton active />}>
          {view === "compare" && <CompareView editor={editor} />}
          {view === "backtest" && <BacktestView editor={editor} />}
          {view === "publish" && <PublishView editor={editor} onView={show} />}
          {view === "edit" && (
            <div className="qd-studio qd-studio-beside">
              <div className="qd-studio-main">
                {editor.mode === "visual" ? (
                  <VisualEditor editor={editor} />
                ) : (
                  <TextEditor
                    source={editor.source}
                    problems={editor.checked.problems}
                    names={names}
                    readOnly={readOnly}
                    onChange={editor.type}
                  />
                )}
              </div>
              <ImpactPanel editor={editor} />
            </div>
          )}
        </Suspense>
      </ErrorBoundary>
      <WordListDrawer
        form={editor.form}
        name={list}
        onForm={editor.change}
        onClose={() => setList(undefined)}
      />
    </EditorScopeProvider>
  );
}

/** Ctrl+Z and Ctrl+Shift+Z (Y) outside of text being typed; the text editor has its own. */
function useUndoKeys(editor: Editor): void {
  useEffect(() => {
    if (editor.mode !== "visual") return;
    const listen = (event: KeyboardEvent) => {
      if (!(event.ctrlKey || event.metaKey) || event.isComposing) return;
      if (event.target instanceof HTMLElement && event.target.matches("input, textarea, [contenteditable]"))
        return;
      const step =
        event.code === "KeyZ"
          ? event.shiftKey
            ? editor.redo
            : editor.undo
          : event.code === "KeyY"
            ? editor.redo
            : null;
      if (!step) return;
      event.preventDefault();
      step();
    };
    window.addEventListener("keydown", listen);
    return () => window.removeEventListener("keydown", listen);
  }, [editor]);
}
