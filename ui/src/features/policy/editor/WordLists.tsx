import { DeleteOutlined, PlusOutlined } from "@ant-design/icons";
import { App, Button, Drawer, Input, Tooltip } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { changeList, type Form, listsInUse, type WordList } from "../model/form";
import { Field } from "./Field";
import { useEditorScope } from "./Scope";

const SPLIT = /[\s,，、;；]+/;
const NAME = /^[\p{L}\p{N}_]{1,40}$/u;

interface SectionProps {
  form: Form;
  onForm: (form: Form) => void;
}

/** The named word lists of a policy. */
export function WordListSection({ form, onForm }: SectionProps) {
  const { t } = useTranslation();
  const { openWords, readOnly } = useEditorScope();
  const used = listsInUse(form);
  return (
    <section className="qd-policy-section" aria-label={t("policy.words")} data-section="words">
      <div className="qd-section-head">
        <h2>
          {t("policy.words")} <span className="qd-muted">{form.words.length}</span>
        </h2>
        <p className="qd-muted">{t("policy.wordsText")}</p>
        {!readOnly && (
          <Button
            size="small"
            icon={<PlusOutlined aria-hidden />}
            data-add="words"
            onClick={() => openWords(null)}
          >
            {t("studio.add.words")}
          </Button>
        )}
      </div>
      <ul className="qd-word-cards">
        {form.words.map((list) => (
          <li key={list.name} className="qd-panel">
            <div className="qd-rule-head">
              <h3>@{list.name}</h3>
              <span className="qd-muted">{t("studio.words.count", { n: list.items.length })}</span>
              {!used.has(list.name) && <span className="qd-tag">{t("studio.words.unused")}</span>}
              {!readOnly && (
                <span className="qd-rule-tools">
                  <Button size="small" type="text" onClick={() => openWords(list.name)}>
                    {t("studio.open")}
                  </Button>
                  <Tooltip title={used.has(list.name) ? t("studio.words.inUse") : t("studio.remove")}>
                    <Button
                      size="small"
                      type="text"
                      disabled={used.has(list.name)}
                      icon={<DeleteOutlined aria-hidden />}
                      aria-label={t("studio.removeNamed", { name: list.name })}
                      onClick={() =>
                        onForm({ ...form, words: form.words.filter((one) => one.name !== list.name) })
                      }
                    />
                  </Tooltip>
                </span>
              )}
            </div>
            <p className="qd-policy-words">
              {list.items.slice(0, 24).map((item) => (
                <span key={item} className="qd-tag">
                  {item}
                </span>
              ))}
              {list.items.length > 24 && <span className="qd-muted">+{list.items.length - 24}</span>}
            </p>
          </li>
        ))}
      </ul>
    </section>
  );
}

interface DrawerProps {
  form: Form;
  /** Name of the list; null for a new one, undefined when closed. */
  name: string | null | undefined;
  onForm: (form: Form) => void;
  onClose: () => void;
}

/** One word list: a word a line, so that a column of a sheet can be pasted as it is. */
export function WordListDrawer({ form, name, onForm, onClose }: DrawerProps) {
  const { t } = useTranslation();
  return (
    <Drawer
      open={name !== undefined}
      onClose={onClose}
      size={420}
      title={name === null ? t("studio.words.new") : t("studio.words.edit")}
      closable={{ "aria-label": t("action.close") }}
      destroyOnHidden
    >
      {name !== undefined && (
        <ListForm key={name ?? "new"} form={form} name={name} onForm={onForm} onClose={onClose} />
      )}
    </Drawer>
  );
}

function ListForm({ form, name, onForm, onClose }: DrawerProps) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const list = form.words.find((one) => one.name === name);
  const [typed, setTyped] = useState(name ?? "");
  const [text, setText] = useState((list?.items ?? []).join("\n"));
  const items = [...new Set(text.split(SPLIT).filter(Boolean))];
  const clash = typed !== name && form.words.some((one) => one.name === typed);
  const problem = !NAME.test(typed)
    ? t("studio.words.badName")
    : clash
      ? t("studio.words.taken")
      : items.length === 0
        ? t("studio.words.empty")
        : "";
  const save = () => {
    const made: WordList = { name: typed, items };
    onForm(list ? changeList(form, list.name, made) : { ...form, words: [...form.words, made] });
    message.success(t("studio.words.saved", { name: typed }));
    onClose();
  };
  return (
    <div className="qd-word-form">
      <Field label={t("studio.words.name")} hint={t("studio.words.nameHint")} wide>
        <Input
          aria-label={t("studio.words.name")}
          prefix="@"
          value={typed}
          maxLength={40}
          onChange={(event) => setTyped(event.target.value.trim())}
        />
      </Field>
      <Field label={t("studio.words.items")} hint={t("studio.words.itemsHint")} wide>
        <Input.TextArea
          aria-label={t("studio.words.items")}
          autoSize={{ minRows: 8, maxRows: 20 }}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
      </Field>
      <p className="qd-muted">{t("studio.words.count", { n: items.length })}</p>
      {problem && text !== "" && <p className="qd-red">{problem}</p>}
      <Button type="primary" disabled={problem !== ""} onClick={save} data-action="save-words">
        {t("studio.words.save")}
      </Button>
    </div>
  );
}
