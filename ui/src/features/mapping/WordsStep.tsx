import { Radio, Select } from "antd";
import { useTranslation } from "react-i18next";
import { useLabels } from "../../app/catalogue";
import { count } from "../../ui/format";
import type { Draft, WordColumn } from "./api";
import { withAbsent, withWord } from "./draft";

interface Props {
  draft: Draft;
  words: readonly WordColumn[];
  onDraft: (draft: Draft) => void;
}

function Words({ column, draft, onDraft }: { column: WordColumn } & Omit<Props, "words">) {
  const { t } = useTranslation();
  const labels = useLabels();
  const meanings = labels.options({ field: column.value_field });
  const chosen = draft.words[column.field] ?? {};
  return (
    <section className="qd-map-words" aria-label={column.title}>
      <h3>
        {t("mapping.wordsOf", { title: column.title })}{" "}
        <small className="qd-muted">{t("mapping.wordsCount", { n: count(column.different) })}</small>
      </h3>
      <table>
        <thead>
          <tr>
            <th scope="col">{t("mapping.word")}</th>
            <th scope="col" className="qd-right">
              {t("mapping.times")}
            </th>
            <th scope="col">{t("mapping.means")}</th>
          </tr>
        </thead>
        <tbody>
          {column.words.map(({ word, count: n, value }) => {
            const now = chosen[word] ?? value;
            return (
              <tr key={word} data-word={word} className={now ? undefined : "qd-map-unknown"}>
                <td>{word}</td>
                <td className="qd-right qd-num">{count(n)}</td>
                <td>
                  <Select
                    size="small"
                    className="qd-map-meaning"
                    aria-label={t("mapping.meansOf", { title: word })}
                    value={now}
                    options={[{ value: "", label: t("mapping.unsure") }, ...meanings]}
                    onChange={(next: string) => onDraft(withWord(draft, column.field, word, next))}
                  />
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
      {column.different > column.words.length && (
        <p className="qd-amber">{t("mapping.tooManyWords", { n: count(column.different) })}</p>
      )}
    </section>
  );
}

function Absent({ draft, onDraft }: Omit<Props, "words">) {
  const { t } = useTranslation();
  const fields = Object.values(draft.columns);
  const state = !fields.includes("status");
  const refund = !fields.includes("refund_state") && !fields.includes("line_refund_state");
  if (!state && !refund) return null;
  return (
    <section className="qd-map-words" aria-label={t("mapping.absent")}>
      <h3>{t("mapping.absent")}</h3>
      {state && (
        <div className="qd-map-absent">
          <p>{t("mapping.noStatus")}</p>
          <Radio.Group
            value={draft.absent.platform_state ?? ""}
            onChange={(event) => onDraft(withAbsent(draft, "platform_state", event.target.value as string))}
            options={[
              { value: "", label: t("mapping.leavePeople") },
              { value: "waiting", label: t("mapping.allWaiting") },
            ]}
          />
        </div>
      )}
      {refund && (
        <div className="qd-map-absent">
          <p>{t("mapping.noRefund")}</p>
          <Radio.Group
            value={draft.absent.refund_state ?? ""}
            onChange={(event) => onDraft(withAbsent(draft, "refund_state", event.target.value as string))}
            options={[
              { value: "", label: t("mapping.leavePeople") },
              { value: "none", label: t("mapping.allNoRefund") },
            ]}
          />
        </div>
      )}
    </section>
  );
}

/** What the words of the file mean, and what it means that a column is missing. */
export function WordsStep({ draft, words, onDraft }: Props) {
  const { t } = useTranslation();
  return (
    <div data-testid="mapping-words">
      <p className="qd-muted">{t("mapping.wordsText")}</p>
      <div className="qd-map-word-lists">
        {words.map((column) => (
          <Words key={column.field} column={column} draft={draft} onDraft={onDraft} />
        ))}
        <Absent draft={draft} onDraft={onDraft} />
      </div>
    </div>
  );
}
