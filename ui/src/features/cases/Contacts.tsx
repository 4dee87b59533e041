import { CopyOutlined, LinkOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { App, Button, DatePicker, Input, Popconfirm, Segmented, Select } from "antd";
import type { Dayjs } from "dayjs";
import dayjs from "dayjs";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useLabels } from "../../app/catalogue";
import { useRight } from "../../app/session";
import { Problem } from "../../ui/Problem";
import { Time } from "../../ui/Time";
import {
  CHANNELS,
  type Contact,
  type ContactIn,
  cases,
  type Link,
  type RESULTS,
  type Talk,
  useAct,
} from "./api";

/** Outcomes that a channel can have; a message is sent, a call is answered or not. */
const FITTING: Record<(typeof CHANNELS)[number], readonly (typeof RESULTS)[number][]> = {
  call: ["reached", "no_answer", "callback", "refused", "wrong_number"],
  sms: ["sent", "reached", "wrong_number"],
  chat: ["sent", "reached", "no_answer", "refused"],
};
const FAILED = new Set<string>(["no_answer", "sent", "callback"]);
const HOURS = [1, 4, 24];

function useCopy() {
  const { t } = useTranslation();
  const { message } = App.useApp();
  return async (text: string) => {
    try {
      await navigator.clipboard.writeText(text);
      message.success(t("cases.copied"));
    } catch {
      message.warning(t("cases.copyByHand"));
    }
  };
}

function Log({ order, caseId }: { order: number; caseId: number | null }) {
  const { t } = useTranslation();
  const [channel, setChannel] = useState<(typeof CHANNELS)[number]>("call");
  const [result, setResult] = useState<ContactIn["result"]>("reached");
  const [note, setNote] = useState("");
  const [next, setNext] = useState<Dayjs | null>(null);
  const add = useAct(
    () =>
      cases.contact(order, {
        channel,
        result,
        note: note.trim(),
        case_id: caseId,
        next_try_at: next?.toISOString() ?? null,
      }),
    () => {
      setNote("");
      setNext(null);
    },
  );
  return (
    <div className="qd-contact-form" data-testid="contact-form">
      <div className="qd-quick">
        <Segmented
          value={channel}
          aria-label={t("cases.contact.channelLabel")}
          onChange={(value) => {
            setChannel(value);
            setResult(FITTING[value][0] ?? "reached");
          }}
          options={CHANNELS.map((value) => ({ value, label: t(`cases.contact.channel.${value}`) }))}
        />
        <Select
          className="qd-contact-result"
          value={result}
          aria-label={t("cases.contact.resultLabel")}
          onChange={setResult}
          options={FITTING[channel].map((value) => ({ value, label: t(`cases.contact.result.${value}`) }))}
        />
        {FAILED.has(result) && (
          <>
            <DatePicker
              showTime={{ format: "HH:mm" }}
              format="MM-DD HH:mm"
              value={next}
              minDate={dayjs()}
              onChange={setNext}
              placeholder={t("cases.contact.next")}
              aria-label={t("cases.contact.next")}
            />
            {HOURS.map((hours) => (
              <button
                key={hours}
                type="button"
                className="qd-tag"
                onClick={() => setNext(dayjs().add(hours, "hour"))}
              >
                {t("desk.inHours", { hours })}
              </button>
            ))}
          </>
        )}
      </div>
      <div className="qd-inline">
        <Input
          value={note}
          maxLength={2000}
          placeholder={t("cases.contact.note")}
          aria-label={t("cases.contact.note")}
          onChange={(event) => setNote(event.target.value)}
          onPressEnter={() => add.mutate(undefined)}
        />
        <Button loading={add.isPending} onClick={() => add.mutate(undefined)}>
          {t("cases.contact.add")}
        </Button>
      </div>
      {add.isError && <Problem error={add.error} />}
    </div>
  );
}

function Compose({ order, caseId, type }: { order: number; caseId: number | null; type: string | null }) {
  const { t } = useTranslation();
  const copy = useCopy();
  const found = useQuery({
    queryKey: ["cases", "templates"],
    queryFn: ({ signal }) => cases.templates(signal),
    staleTime: 60_000,
  });
  const [text, setText] = useState<string | null>(null);
  const compose = useAct(
    (template: number) => cases.compose(order, { template_id: template, case_id: caseId, hours: 48 }),
    (made) => setText(made.text),
  );
  const fits = (types: readonly string[]) => type !== null && types.includes(type);
  const rows = (found.data?.rows ?? [])
    .filter((row) => row.active)
    .sort((a, b) => Number(fits(b.types)) - Number(fits(a.types)));
  return (
    <div className="qd-compose">
      <Select
        value={null}
        placeholder={t("cases.compose.pick")}
        aria-label={t("cases.compose.pick")}
        loading={compose.isPending}
        onChange={(id: number | null) => id !== null && compose.mutate(id)}
        showSearch={{ optionFilterProp: "label" }}
        options={rows.map((row) => ({
          value: row.id,
          label: `${row.name} · ${t(`cases.contact.channel.${row.channel}`)}`,
        }))}
      />
      {text !== null && (
        <div className="qd-composed" data-testid="composed">
          <Input.TextArea
            autoSize
            value={text}
            aria-label={t("cases.compose.text")}
            onChange={(event) => setText(event.target.value)}
          />
          <Button icon={<CopyOutlined aria-hidden />} onClick={() => void copy(text)}>
            {t("cases.compose.copy")}
          </Button>
        </div>
      )}
      {compose.isError && <Problem error={compose.error} />}
    </div>
  );
}

function SelfService({
  order,
  caseId,
  links,
  toAddress,
}: {
  order: number;
  caseId: number | null;
  links: readonly Link[];
  toAddress: () => void;
}) {
  const { t } = useTranslation();
  const copy = useCopy();
  const [address, setAddress] = useState<string | null>(null);
  const make = useAct(
    () => cases.makeLink(order, { hours: 48, case_id: caseId }),
    (made) => {
      setAddress(made.url);
      void copy(made.url);
    },
  );
  const revoke = useAct(
    (id: number) => cases.revoke(id),
    () => setAddress(null),
  );
  return (
    <div className="qd-links">
      <div className="qd-quick">
        <Button
          icon={<LinkOutlined aria-hidden />}
          loading={make.isPending}
          onClick={() => make.mutate(undefined)}
        >
          {t("cases.link.make")}
        </Button>
        <span className="qd-muted">{t("cases.link.note")}</span>
      </div>
      {address && (
        <div className="qd-inline" data-testid="link">
          <Input readOnly value={address} aria-label={t("cases.link.label")} />
          <Button icon={<CopyOutlined aria-hidden />} onClick={() => void copy(address)}>
            {t("cases.compose.copy")}
          </Button>
        </div>
      )}
      {links.length > 0 && (
        <ul className="qd-log">
          {links.slice(0, 5).map((link) => (
            <li key={link.id} data-standing={link.standing}>
              <span className="qd-tag">{t(`cases.link.standing.${link.standing}`)}</span>
              <span>
                {link.made_by.name} <Time at={link.made_at} as="short" />
              </span>
              <span className="qd-muted">
                {link.standing === "good" && (
                  <>
                    {t("cases.link.until")} <Time at={link.expires_at} as="short" /> ·{" "}
                  </>
                )}
                {t("cases.link.opened", { count: link.opened })}
              </span>
              {link.given && (
                <Button size="small" type="primary" onClick={toAddress}>
                  {t("cases.link.look")}
                </Button>
              )}
              {link.standing === "good" && (
                <Popconfirm title={t("cases.link.revokeAsk")} onConfirm={() => revoke.mutate(link.id)}>
                  <Button size="small" type="text">
                    {t("cases.link.revoke")}
                  </Button>
                </Popconfirm>
              )}
            </li>
          ))}
        </ul>
      )}
      {(make.error ?? revoke.error) && <Problem error={make.error ?? revoke.error} />}
    </div>
  );
}

function Row({ contact }: { contact: Contact }) {
  const { t } = useTranslation();
  return (
    <li>
      <Time at={contact.at} as="short" />
      <span>
        {contact.by.name} · {t(`cases.contact.channel.${contact.channel}`)}
      </span>
      <b>{t(`cases.contact.result.${contact.result}`)}</b>
      <span className="qd-log-note">{contact.note}</span>
      {contact.next_try_at && (
        <span className="qd-muted">
          {t("cases.contact.nextAt")} <Time at={contact.next_try_at} as="short" />
        </span>
      )}
    </li>
  );
}

interface Props {
  order: number;
  talk: Talk;
  /** The open case that a try belongs to. */
  active: { id: number; type: string } | null;
  toAddress: () => void;
}

/** What was tried to reach the buyer, and what helps to reach her: messages to copy, the link for the address. */
export function Contacts({ order, talk, active, toAddress }: Props) {
  const { t } = useTranslation();
  const right = useRight();
  const labels = useLabels();
  return (
    <div className="qd-stack" lang={labels.language === "zh" ? "zh-CN" : "en"}>
      {right("cases.work") && <Log order={order} caseId={active?.id ?? null} />}
      {talk.contacts.length > 0 ? (
        <ul className="qd-log" data-testid="contacts">
          {talk.contacts.map((contact) => (
            <Row key={contact.id} contact={contact} />
          ))}
        </ul>
      ) : (
        <p className="qd-muted">{t("cases.contact.none")}</p>
      )}
      {right("addresses.edit") && (
        <>
          <Compose order={order} caseId={active?.id ?? null} type={active?.type ?? null} />
          <SelfService order={order} caseId={active?.id ?? null} links={talk.links} toAddress={toAddress} />
        </>
      )}
    </div>
  );
}
