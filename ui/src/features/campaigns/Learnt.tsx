import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Checkbox, DatePicker, Input, Select } from "antd";
import dayjs from "dayjs";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useLabels } from "../../app/catalogue";
import { Problem } from "../../ui/Problem";
import { campaigns, type Prevention } from "./api";

/** What is to change so that the pile does not come back. */
export function Preventions({ id, rows, runs }: { id: number; rows: readonly Prevention[]; runs: boolean }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [text, setText] = useState("");
  const [owner, setOwner] = useState<number | null>(null);
  const [due, setDue] = useState(dayjs().add(14, "day"));
  const choices = useQuery({
    queryKey: ["campaigns", "choices"],
    queryFn: ({ signal }) => campaigns.choices(signal),
    enabled: runs,
  });
  const done = () => client.invalidateQueries({ queryKey: ["campaigns", id] });
  const add = useMutation({
    mutationFn: (who: number) =>
      campaigns.prevent(id, { text, cause: "", owner_id: who, due: due.format("YYYY-MM-DD") }),
    onSuccess: async () => {
      setText("");
      await done();
    },
  });
  const tick = useMutation({
    mutationFn: (one: Prevention) => campaigns.tick(id, one.id, one.done_at === null),
    onSuccess: done,
  });
  return (
    <section>
      <h2>{t("campaigns.preventions")}</h2>
      {(add.isError || tick.isError) && <Problem error={add.error ?? tick.error} />}
      <table>
        <tbody>
          {rows.map((one) => (
            <tr key={one.id}>
              <td>
                <Checkbox disabled={!runs} checked={one.done_at !== null} onChange={() => tick.mutate(one)}>
                  {one.text}
                </Checkbox>
              </td>
              <td>{one.owner.name}</td>
              <td className="qd-num">{one.due}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length === 0 && <p className="qd-muted">{t("campaigns.noPreventions")}</p>}
      {runs && (
        <div className="qd-campaign-tools" style={{ marginTop: 8 }}>
          <Input
            style={{ flex: 1, minWidth: 220 }}
            maxLength={500}
            placeholder={t("campaigns.preventionText")}
            aria-label={t("campaigns.preventions")}
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
          <Select
            style={{ width: 120 }}
            placeholder={t("campaigns.owner")}
            aria-label={t("campaigns.owner")}
            value={owner}
            onChange={setOwner}
            options={(choices.data?.people ?? []).map((one) => ({ value: one.id, label: one.name }))}
          />
          <DatePicker
            allowClear={false}
            value={due}
            aria-label={t("campaigns.due")}
            onChange={(day) => day && setDue(day)}
          />
          <Button
            disabled={text.trim() === "" || owner === null}
            loading={add.isPending}
            onClick={() => owner !== null && add.mutate(owner)}
          >
            {t("campaigns.add")}
          </Button>
        </div>
      )}
    </section>
  );
}

/** What was really done, by type of problem, as material for the SOPs. */
export function SopDrafts({ id }: { id: number }) {
  const { t } = useTranslation();
  const labels = useLabels();
  const found = useQuery({
    queryKey: ["campaigns", id, "sops"],
    queryFn: ({ signal }) => campaigns.sops(id, signal),
  });
  if (!found.data || found.data.length === 0) return null;
  return (
    <section>
      <h2>{t("campaigns.sops")}</h2>
      {found.data.map((draft) => (
        <div key={draft.type}>
          <b>{labels.say(draft.title)}</b>{" "}
          <Link to={`/cases/sops?type=${draft.type}`}>{t("campaigns.toSop")}</Link>
          <ol className="qd-campaign-log">
            {draft.steps.map((step) => (
              <li key={`${step.step} ${step.choice}`}>
                <span className="qd-num">
                  {t("campaigns.stepTimes", { n: step.times, minutes: step.minutes })}
                </span>
                <span>
                  {step.step}
                  {step.choice && ` → ${step.choice}`}{" "}
                  <span className="qd-muted">{step.people.join("、")}</span>
                </span>
              </li>
            ))}
          </ol>
        </div>
      ))}
    </section>
  );
}

/** Keeps the rules that were live as a template, with what they came to. */
export function KeepRules({ id, name }: { id: number; name: string }) {
  const { t } = useTranslation();
  const [as, setAs] = useState(name);
  const keep = useMutation({ mutationFn: () => campaigns.template(id, as) });
  return (
    <div className="qd-campaign-tools" style={{ marginTop: 22 }}>
      {keep.isError && <Problem error={keep.error} />}
      {keep.isSuccess ? (
        <Link to="/policy/templates">{t("campaigns.kept")}</Link>
      ) : (
        <>
          <Input
            style={{ width: 240 }}
            maxLength={64}
            value={as}
            aria-label={t("campaigns.templateName")}
            onChange={(e) => setAs(e.target.value)}
          />
          <Button loading={keep.isPending} disabled={as.trim() === ""} onClick={() => keep.mutate()}>
            {t("campaigns.keepRules")}
          </Button>
        </>
      )}
    </div>
  );
}
