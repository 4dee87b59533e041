import { EyeOutlined } from "@ant-design/icons";
import { useMutation } from "@tanstack/react-query";
import { Alert, App, AutoComplete, Button, Form, Input } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ApiError } from "../../api/http";
import { useLabels } from "../../app/catalogue";
import { useRight } from "../../app/session";
import { Problem } from "../../ui/Problem";
import { Time } from "../../ui/Time";
import { type Address, cases, type Missing, type ReceiverIn, useAct } from "./api";

const PLACE = ["province", "city", "district", "town"] as const;
const EMPTY: ReceiverIn = {
  name: "",
  phone: "",
  province: "",
  city: "",
  district: "",
  town: "",
  address: "",
};
type Part = keyof ReceiverIn;

const filled = (found: Record<string, string | null>): ReceiverIn =>
  Object.fromEntries(Object.keys(EMPTY).map((part) => [part, found[part] ?? ""])) as unknown as ReceiverIn;

const inOneLine = (found: Record<string, string | null>) =>
  ["name", "phone", ...PLACE, "address"].map((part) => found[part] ?? "").join(" ");

/** Asks why before anything personal is shown; who looked is recorded. */
function Ask({ order, onShown }: { order: number; onShown: (address: Address) => void }) {
  const { t } = useTranslation();
  const [reason, setReason] = useState("");
  const show = useMutation({
    mutationFn: () => cases.showAddress(order, reason.trim()),
    onSuccess: onShown,
  });
  const phrases = t("cases.address.phrases").split("|");
  return (
    <div className="qd-address-ask">
      <p className="qd-muted">{t("cases.address.masked")}</p>
      <div className="qd-quick">
        {phrases.map((phrase) => (
          <button key={phrase} type="button" className="qd-tag" onClick={() => setReason(phrase)}>
            {phrase}
          </button>
        ))}
      </div>
      <div className="qd-inline">
        <Input
          value={reason}
          maxLength={200}
          placeholder={t("unmask.reason")}
          aria-label={t("unmask.reason")}
          onChange={(event) => setReason(event.target.value)}
          onPressEnter={() => reason.trim() && show.mutate()}
        />
        <Button
          icon={<EyeOutlined aria-hidden />}
          disabled={!reason.trim()}
          loading={show.isPending}
          onClick={() => show.mutate()}
        >
          {t("cases.address.show")}
        </Button>
      </div>
      {show.isError && <Problem error={show.error} />}
    </div>
  );
}

interface EditorProps {
  found: Address;
  onSaved: () => void;
  onReload: () => void;
}

function Editor({ found, onSaved, onReload }: EditorProps) {
  const { t } = useTranslation();
  const labels = useLabels();
  const { message } = App.useApp();
  const [parts, setParts] = useState<ReceiverIn>(() => filled(found.receiver));
  const [missing, setMissing] = useState<readonly Missing[]>(found.missing);
  const [pasted, setPasted] = useState("");
  const parse = useMutation({
    mutationFn: () => cases.parse(pasted),
    onSuccess: (looked) => {
      const read = filled(looked.receiver);
      // what the text does not name stays as it was
      const merged = { ...parts };
      for (const part of Object.keys(EMPTY) as Part[]) if (read[part]) merged[part] = read[part];
      setParts(merged);
      check.mutate(merged);
    },
  });
  const check = useMutation({
    mutationFn: (receiver: ReceiverIn) => cases.check(receiver),
    onSuccess: (looked) => setMissing(looked.missing),
  });
  const said = (to: string, before: string) => {
    message.success(
      to === before
        ? t("cases.address.saved")
        : t("cases.address.savedTo", { stage: labels.value("stage", to) }),
    );
    onSaved();
  };
  const save = useAct(
    () =>
      cases.saveAddress(found.order_id, {
        version: found.version,
        receiver: parts,
        reason: t("cases.address.by"),
      }),
    (done) => said(done.stage, done.stage_before),
  );
  const accept = useAct(
    () => cases.accept(found.given_link ?? 0, found.version),
    (done) => said(done.stage, done.stage_before),
  );
  const set = (part: Part, value: string) => setParts((old) => ({ ...old, [part]: value }));
  const error = save.error ?? accept.error ?? parse.error;
  const moved = error instanceof ApiError && error.status === 409;
  const input = (part: Part, max: number) => (
    <Form.Item label={t(`cases.address.part.${part}`)} className={`qd-part-${part}`} key={part}>
      <Input
        value={parts[part] ?? ""}
        maxLength={max}
        onChange={(event) => set(part, event.target.value)}
        onBlur={() => check.mutate(parts)}
        aria-label={t(`cases.address.part.${part}`)}
      />
    </Form.Item>
  );
  return (
    <Form layout="vertical" className="qd-address" data-testid="address-editor">
      {found.given && (
        <Alert
          type="success"
          showIcon
          title={t("cases.address.given")}
          description={inOneLine(found.given)}
          action={
            <Button
              size="small"
              type="primary"
              loading={accept.isPending}
              onClick={() => accept.mutate(undefined)}
            >
              {t("cases.address.accept")}
            </Button>
          }
        />
      )}
      {found.heard && (
        <Alert
          type="warning"
          showIcon
          title={
            <>
              {t("cases.address.heard")} <Time at={found.heard_at} as="short" />
            </>
          }
          description={inOneLine(found.heard)}
          action={
            <Button size="small" onClick={() => setParts(filled(found.heard ?? {}))}>
              {t("cases.address.takeHeard")}
            </Button>
          }
        />
      )}
      {found.masked && <Alert type="info" showIcon title={t("cases.address.maskedByPlatform")} />}
      {found.corrected_by && (
        <p className="qd-muted">
          {t("cases.address.corrected", { name: found.corrected_by })}{" "}
          <Time at={found.corrected_at} as="short" />
        </p>
      )}
      <div className="qd-inline qd-paste">
        <Input.TextArea
          autoSize={{ minRows: 1, maxRows: 4 }}
          value={pasted}
          maxLength={1000}
          placeholder={t("cases.address.paste")}
          aria-label={t("cases.address.paste")}
          onChange={(event) => setPasted(event.target.value)}
        />
        <Button disabled={!pasted.trim()} loading={parse.isPending} onClick={() => parse.mutate()}>
          {t("cases.address.parse")}
        </Button>
      </div>
      <div className="qd-address-grid">
        {input("name", 50)}
        {input("phone", 40)}
        <Form.Item label={t("cases.address.part.province")} className="qd-part-province">
          <AutoComplete
            value={parts.province ?? ""}
            options={labels.options({ field: "province" }).map(({ label }) => ({ value: label }))}
            showSearch={{
              filterOption: (typed, option) => String(option?.value ?? "").startsWith(typed.slice(0, 2)),
            }}
            onChange={(value) => set("province", value ?? "")}
            onBlur={() => check.mutate(parts)}
            aria-label={t("cases.address.part.province")}
          />
        </Form.Item>
        {input("city", 40)}
        {input("district", 40)}
        {input("town", 60)}
        {input("address", 300)}
      </div>
      {missing.length > 0 ? (
        <Alert
          type="warning"
          showIcon
          data-testid="missing"
          title={t("cases.address.missing", {
            what: missing.map((one) => labels.say(one)).join(t("cases.listMark")),
          })}
        />
      ) : (
        <p className="qd-green">{t("cases.address.complete")}</p>
      )}
      <div className="qd-quick">
        <Button type="primary" loading={save.isPending} onClick={() => save.mutate(undefined)}>
          {t("cases.address.save")}
        </Button>
        <span className="qd-muted">{t("cases.address.saveNote")}</span>
      </div>
      {error && <Problem error={error} retry={moved ? onReload : undefined} />}
    </Form>
  );
}

/** The address of an order: masked until somebody says why she needs it, then to be put right in its parts. */
export function AddressEditor({ order }: { order: number }) {
  const { t } = useTranslation();
  const right = useRight();
  const [found, setFound] = useState<Address | null>(null);
  const again = useMutation({
    mutationFn: () => cases.showAddress(order, t("cases.address.again")),
    onSuccess: setFound,
  });
  if (!right("addresses.edit") || !right("orders.unmask"))
    return <p className="qd-muted">{t("cases.address.noRight")}</p>;
  if (!found) return <Ask order={order} onShown={setFound} />;
  return (
    <Editor
      found={found}
      key={`${found.order_id}-${found.version}`}
      onSaved={() => setFound(null)}
      onReload={() => again.mutate()}
    />
  );
}
