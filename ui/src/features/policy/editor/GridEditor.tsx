import {
  ArrowDownOutlined,
  ArrowUpOutlined,
  CloseOutlined,
  DeleteOutlined,
  DownloadOutlined,
  PlusOutlined,
  UploadOutlined,
} from "@ant-design/icons";
import { App, Button, Select, Skeleton } from "antd";
import { type ClipboardEvent, type KeyboardEvent, useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useLabels } from "../../../app/catalogue";
import { usePreferences } from "../../../app/preferences";
import { Problem, useProblem } from "../../../ui/Problem";
import { type PolicyProblem, tables } from "../api";
import { moved, without } from "../model/form";
import {
  addColumn,
  addRow,
  type CellKey,
  cellText,
  dropColumn,
  type Grid,
  isFixed,
  keysOf,
  openRows,
  paste,
  readPaste,
  setCell,
} from "../model/grid";
import { isError } from "../model/problems";
import { BUILTINS } from "../model/tree";
import { Problems } from "./Problems";
import { useEditorScope } from "./Scope";
import "./grid.css";

interface Props {
  /** Id of a decision table, or `tiers`. */
  table: string;
  source: string;
  /** The source lags behind the form for a moment. */
  pending: boolean;
  /** Problems of each row. */
  problemsOf: (row: number) => readonly PolicyProblem[];
  onSource: (source: string) => void;
}

const SETTLE_MS = 350;

/** A table of the policy as a sheet: typed, pasted from Excel, or exchanged as a file. */
export function GridEditor({ table, source, pending, problemsOf, onSource }: Props) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const { language } = usePreferences();
  const { readOnly } = useEditorScope();
  const problem = useProblem();
  const [grid, setGrid] = useState<Grid | null>(null);
  const [error, setError] = useState<unknown>(null);
  /** The text that the shown grid stands for; null while an edit is on its way. */
  const stands = useRef<string | null>(null);
  const [edited, setEdited] = useState<Grid | null>(null);

  useEffect(() => {
    if (pending || stands.current === source || edited) return;
    const stop = new AbortController();
    tables.grid({ source, table, language }, stop.signal).then(
      (read) => {
        stands.current = source;
        setGrid(read);
        setError(null);
      },
      (refused) => stop.signal.aborted || setError(refused),
    );
    return () => stop.abort();
  }, [source, pending, table, language, edited]);

  useEffect(() => {
    if (!edited) return;
    const timer = setTimeout(async () => {
      try {
        const made = await tables.apply({ source, grid: edited, language });
        stands.current = made.source;
        setEdited((now) => (now === edited ? null : now));
        onSource(made.source);
        setError(null);
      } catch (refused) {
        setError(refused);
      }
    }, SETTLE_MS);
    return () => clearTimeout(timer);
  }, [edited, source, language, onSource]);

  const change = (next: Grid) => {
    setGrid(next);
    setEdited(next);
  };
  const load = async (file: File) => {
    try {
      const made = await tables.import({ source, table, language }, file);
      onSource(made.source);
      message.success(t("studio.sheet.loaded", { name: file.name }));
    } catch (refused) {
      const said = problem(refused);
      void message.error(`${said.text} ${said.advice}`);
    }
  };
  if (!grid) return error ? <Problem error={error} /> : <Skeleton active paragraph={{ rows: 3 }} />;
  return (
    <div className="qd-sheet-wrap">
      {!!error && <Problem error={error} />}
      <div className="qd-sheet-tools">
        {!readOnly && (
          <>
            <Button
              size="small"
              icon={<PlusOutlined aria-hidden />}
              onClick={() => change(addRow(grid))}
              data-add="row"
            >
              {t("studio.add.tiers")}
            </Button>
            <AddColumn grid={grid} onChange={change} />
            <FileButton label={t("studio.sheet.import")} onFile={load} />
          </>
        )}
        <Button
          size="small"
          icon={<DownloadOutlined aria-hidden />}
          onClick={() => void tables.export({ source, table, language }).catch(setError)}
        >
          {t("studio.sheet.export")}
        </Button>
        <span className="qd-muted">{t("studio.sheet.hint")}</span>
      </div>
      <Sheet grid={grid} problemsOf={problemsOf} onChange={change} />
    </div>
  );
}

function AddColumn({ grid, onChange }: { grid: Grid; onChange: (grid: Grid) => void }) {
  const { t } = useTranslation();
  const { language } = usePreferences();
  const { names } = useEditorScope();
  const options = useMemo(
    () => [
      ...(grid.table === "tiers"
        ? BUILTINS.map((id) => ({ value: id as string, label: t(`studio.pseudo.${id}`) }))
        : []),
      ...names.fields.map((one) => ({ value: one.id, label: one[language] })),
    ],
    [grid.table, names, language, t],
  );
  return (
    <Select
      size="small"
      className="qd-sheet-column"
      aria-label={t("studio.sheet.addColumn")}
      placeholder={t("studio.sheet.addColumn")}
      value={null}
      showSearch={{ optionFilterProp: "label" }}
      popupMatchSelectWidth={220}
      options={options}
      onChange={(field: string) => {
        const known = names.field(field);
        const said = t(`studio.pseudo.${field}`, { defaultValue: field });
        onChange(addColumn(grid, field, known ? { zh: known.zh, en: known.en } : { zh: said, en: said }));
      }}
    />
  );
}

function FileButton({ label, onFile }: { label: string; onFile: (file: File) => void }) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <Button size="small" icon={<UploadOutlined aria-hidden />} onClick={() => input.current?.click()}>
        {label}
      </Button>
      <input
        ref={input}
        type="file"
        hidden
        accept=".xlsx"
        aria-label={label}
        onChange={(event) => {
          const file = event.target.files?.[0];
          event.target.value = "";
          if (file) onFile(file);
        }}
      />
    </>
  );
}

interface SheetProps {
  grid: Grid;
  problemsOf: (row: number) => readonly PolicyProblem[];
  onChange: (grid: Grid) => void;
}

function Sheet({ grid, problemsOf, onChange }: SheetProps) {
  const { t } = useTranslation();
  const labels = useLabels();
  const { readOnly } = useEditorScope();
  const body = useRef<HTMLTableElement>(null);
  const keys = keysOf(grid);
  const open = openRows(grid);
  const head = (key: CellKey) =>
    typeof key === "number" ? labels.say(grid.columns[key]?.title) : t(`studio.sheet.${key}`);
  const go = (row: number, column: number) =>
    body.current?.querySelector<HTMLInputElement>(`[data-at="${row}/${column}"]`)?.focus();
  const onKey = (event: KeyboardEvent<HTMLInputElement>, row: number, column: number) => {
    if (event.nativeEvent.isComposing) return;
    const down = event.key === "ArrowDown" || event.key === "Enter";
    if (down || event.key === "ArrowUp") {
      event.preventDefault();
      go(row + (down ? 1 : -1), column);
    }
  };
  const onPaste = (event: ClipboardEvent, row: number, key: CellKey) => {
    const text = event.clipboardData.getData("text/plain");
    if (!/[\t\n]/.test(text.trimEnd())) return;
    event.preventDefault();
    onChange(paste(grid, row, key, readPaste(text)));
  };
  return (
    <div className="qd-panel qd-grid qd-sheet">
      <table ref={body}>
        <thead>
          <tr>
            <th scope="col">#</th>
            {keys.map((key) => (
              <th
                key={key}
                scope="col"
                data-column={typeof key === "number" ? grid.columns[key]?.field : key}
              >
                <span className="qd-sheet-head">
                  {head(key)}
                  {typeof key === "number" && !readOnly && (
                    <Button
                      type="text"
                      size="small"
                      icon={<CloseOutlined aria-hidden />}
                      aria-label={t("studio.removeNamed", { name: head(key) })}
                      onClick={() => onChange(dropColumn(grid, key))}
                    />
                  )}
                </span>
              </th>
            ))}
            <td />
          </tr>
        </thead>
        {grid.rows.map((row, at) => {
          const problems = problemsOf(at);
          const wrong = problems.some(isError)
            ? "qd-grid-wrong"
            : problems.length > 0
              ? "qd-grid-warned"
              : "";
          return (
            // biome-ignore lint/suspicious/noArrayIndexKey: an id is a cell like the others and changes while it is typed
            <tbody key={at} className={wrong} data-row={row.id}>
              <tr>
                <td className="qd-grid-at">{at + 1}</td>
                {keys.map((key, column) => (
                  <td key={key} className="qd-sheet-cell">
                    {isFixed(row, key) ? (
                      <span className="qd-muted">{key === "rest" ? t("studio.tier.else") : "—"}</span>
                    ) : (
                      <input
                        data-at={`${at}/${column}`}
                        aria-label={t("studio.sheet.cell", { row: at + 1, column: head(key) })}
                        value={cellText(row, key)}
                        readOnly={readOnly}
                        onChange={(event) => onChange(setCell(grid, at, key, event.target.value))}
                        onKeyDown={(event) => onKey(event, at, column)}
                        onPaste={(event) => onPaste(event, at, key)}
                      />
                    )}
                  </td>
                ))}
                <td className="qd-sheet-moves">
                  {!readOnly && (
                    <>
                      <Button
                        type="text"
                        size="small"
                        disabled={at === 0 || at >= open}
                        icon={<ArrowUpOutlined aria-hidden />}
                        aria-label={t("studio.sheet.up", { row: at + 1 })}
                        onClick={() => onChange({ ...grid, rows: moved(grid.rows, at, at - 1) })}
                      />
                      <Button
                        type="text"
                        size="small"
                        disabled={at >= open - 1}
                        icon={<ArrowDownOutlined aria-hidden />}
                        aria-label={t("studio.sheet.down", { row: at + 1 })}
                        onClick={() => onChange({ ...grid, rows: moved(grid.rows, at, at + 1) })}
                      />
                      <Button
                        type="text"
                        size="small"
                        icon={<DeleteOutlined aria-hidden />}
                        aria-label={t("studio.sheet.drop", { row: at + 1 })}
                        onClick={() => onChange({ ...grid, rows: without(grid.rows, at) })}
                      />
                    </>
                  )}
                </td>
              </tr>
              {problems.length > 0 && (
                <tr>
                  <td />
                  <td colSpan={keys.length + 1}>
                    <Problems problems={problems} />
                  </td>
                </tr>
              )}
            </tbody>
          );
        })}
      </table>
    </div>
  );
}
