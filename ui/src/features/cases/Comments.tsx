import { PaperClipOutlined } from "@ant-design/icons";
import { App, Button, Mentions } from "antd";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { bytes } from "../../ui/format";
import { Problem } from "../../ui/Problem";
import { Time } from "../../ui/Time";
import { type Attachment, type Comment, cases, type Person, type Talk, useAct } from "./api";

/** Ids of the colleagues that a text names with an @; a longer name goes before one that begins it. */
export function mentioned(text: string, people: readonly Person[]): number[] {
  const found = new Set<number>();
  let rest = text;
  for (const person of [...people].sort((a, b) => b.name.length - a.name.length)) {
    const call = `@${person.name}`;
    if (!rest.includes(call)) continue;
    found.add(person.id);
    rest = rest.replaceAll(call, " ");
  }
  return [...found];
}

export function Files({ files }: { files: readonly Attachment[] }) {
  if (files.length === 0) return null;
  return (
    <ul className="qd-files">
      {files.map((file) => (
        <li key={file.id}>
          <a href={`/api/cases/attachments/${file.id}`} target="_blank" rel="noreferrer">
            <PaperClipOutlined aria-hidden /> {file.name}
          </a>
          <small className="qd-muted">{bytes(file.size)}</small>
        </li>
      ))}
    </ul>
  );
}

function Said({ comment }: { comment: Comment }) {
  return (
    <li data-testid="comment">
      <p>
        <b>{comment.by.name}</b>{" "}
        <small className="qd-muted">
          <Time at={comment.at} as="short" />
        </small>
      </p>
      {comment.text && <p className="qd-said">{comment.text}</p>}
      <Files files={comment.attachments} />
    </li>
  );
}

interface Props {
  order: number;
  talk: Talk;
  caseId: number | null;
}

/** What colleagues say about an order, with whom they call and the files they add. */
export function Comments({ order, talk, caseId }: Props) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const input = useRef<HTMLInputElement>(null);
  const [text, setText] = useState("");
  const [files, setFiles] = useState<Attachment[]>([]);
  const add = useAct(
    () =>
      cases.comment(order, {
        text: text.trim(),
        mentions: mentioned(text, talk.people),
        attachments: files.map((file) => file.id),
        case_id: caseId,
      }),
    () => {
      setText("");
      setFiles([]);
    },
  );
  const attach = useAct(
    (file: File) => cases.attach(order, file),
    (made) => {
      setFiles((old) => [...old, made]);
      message.success(t("cases.comment.attached", { name: made.name }));
    },
  );
  const loose = talk.attachments.filter(
    (file) => !talk.comments.some((one) => one.attachments.some((held) => held.id === file.id)),
  );
  return (
    <div className="qd-stack">
      {talk.comments.length > 0 ? (
        <ul className="qd-comments">
          {talk.comments.map((comment) => (
            <Said key={comment.id} comment={comment} />
          ))}
        </ul>
      ) : (
        <p className="qd-muted">{t("cases.comment.none")}</p>
      )}
      <Files files={loose.filter((file) => !files.some((held) => held.id === file.id))} />
      <Mentions
        autoSize={{ minRows: 2, maxRows: 6 }}
        value={text}
        placeholder={t("cases.comment.hint")}
        aria-label={t("cases.comment.label")}
        onChange={setText}
        options={talk.people.map((person) => ({
          key: String(person.id),
          value: person.name,
          label: person.name,
        }))}
      />
      <Files files={files} />
      <div className="qd-quick">
        <Button
          type="primary"
          disabled={!text.trim() && files.length === 0}
          loading={add.isPending}
          onClick={() => add.mutate(undefined)}
        >
          {t("cases.comment.send")}
        </Button>
        <Button
          icon={<PaperClipOutlined aria-hidden />}
          loading={attach.isPending}
          onClick={() => input.current?.click()}
        >
          {t("cases.comment.attach")}
        </Button>
        <span className="qd-muted">{t("cases.comment.attachNote")}</span>
        <input
          ref={input}
          type="file"
          hidden
          data-testid="attach"
          onChange={(event) => {
            const file = event.target.files?.[0];
            if (file) attach.mutate(file);
            event.target.value = "";
          }}
        />
      </div>
      {(add.error ?? attach.error) && <Problem error={add.error ?? attach.error} />}
    </div>
  );
}
