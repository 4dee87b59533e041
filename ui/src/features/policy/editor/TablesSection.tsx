import { DeleteOutlined, PlusOutlined } from "@ant-design/icons";
import { Button, Select } from "antd";
import { useTranslation } from "react-i18next";
import { type Form, freshId, type Hit, replaced, type TableForm, without } from "../model/form";
import { problemsAt } from "../model/problems";
import { LazyInput } from "./Field";
import { GridEditor } from "./GridEditor";
import { Problems } from "./Problems";
import { useEditorScope } from "./Scope";
import type { Editor } from "./useEditor";

const HITS: readonly Hit[] = ["first", "unique", "collect"];

/** Further decision tables, each a sheet. */
export function TablesSection({ editor }: { editor: Editor }) {
  const { t } = useTranslation();
  const { readOnly } = useEditorScope();
  const { form, checked, change } = editor;
  const put = (tables: TableForm[], touched = "") => change({ ...form, tables } satisfies Form, touched);
  const add = () => {
    const id = freshId(
      "table",
      form.tables.map((table) => table.id),
    );
    const n = form.tables.length + 1;
    const title = { zh: t("studio.newTitle.zh", { kind: t("studio.tables.one"), n }), en: `Table ${n}` };
    const last = { id: "other", title: null, condition: null, output: "other", note: "" };
    put([...form.tables, { id, title, hit: "first", rows: [last], note: "" }]);
  };
  return (
    <section className="qd-policy-section" aria-label={t("studio.tables.title")} data-section="tables">
      <div className="qd-section-head">
        <h2>
          {t("studio.tables.title")} <span className="qd-muted">{form.tables.length}</span>
        </h2>
        <p className="qd-muted">{t("studio.tables.text")}</p>
        {!readOnly && (
          <Button size="small" icon={<PlusOutlined aria-hidden />} onClick={add} data-add="tables">
            {t("studio.tables.add")}
          </Button>
        )}
      </div>
      {form.tables.map((table, at) => {
        const own = problemsAt(checked.problems, ["tables", at]);
        return (
          <article key={table.id} className="qd-table-block" data-table={table.id}>
            <div className="qd-sheet-tools">
              <LazyInput
                label={t("studio.tables.name")}
                value={table.title.zh}
                maxLength={40}
                onChange={(zh) => put(replaced(form.tables, at, { ...table, title: { ...table.title, zh } }))}
              />
              <Select<Hit>
                aria-label={t("studio.tables.hit")}
                disabled={readOnly}
                value={table.hit}
                popupMatchSelectWidth={false}
                options={HITS.map((hit) => ({ value: hit, label: t(`studio.hit.${hit}`) }))}
                onChange={(hit) => put(replaced(form.tables, at, { ...table, hit }))}
              />
              <span className="qd-code qd-muted">{table.id}</span>
              {!readOnly && (
                <Button
                  type="text"
                  size="small"
                  icon={<DeleteOutlined aria-hidden />}
                  aria-label={t("studio.removeNamed", { name: table.title.zh })}
                  onClick={() => put(without(form.tables, at))}
                />
              )}
            </div>
            <Problems problems={own.filter((one) => one.path[2] !== "rows" || one.path.length < 4)} />
            <GridEditor
              table={table.id}
              source={editor.source}
              pending={editor.pending}
              problemsOf={(row) => problemsAt(own, ["tables", at, "rows", row])}
              onSource={editor.type}
            />
          </article>
        );
      })}
    </section>
  );
}
