import { Button, Input } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useLabels } from "../../app/catalogue";
import { count, money, percent } from "../../ui/format";
import { Problem } from "../../ui/Problem";
import { Time } from "../../ui/Time";
import { type Campaign, type Checkpoint, campaigns } from "./api";
import { useCampaignVerb } from "./CampaignPage";

function Note({ of, check, runs }: { of: Campaign; check: Checkpoint; runs: boolean }) {
  const { t } = useTranslation();
  const [text, setText] = useState<string | null>(null);
  const write = useCampaignVerb(
    of.id,
    (said: string) => campaigns.note(of.id, check.id, said),
    () => setText(null),
  );
  if (text === null) {
    return (
      <div className="qd-campaign-facts">
        {check.note && (
          <span>
            {t("campaigns.handOver")}：{check.note} <span className="qd-muted">{check.note_by}</span>
          </span>
        )}
        {runs && (
          <Button size="small" onClick={() => setText(check.note)}>
            {t("campaigns.writeNote")}
          </Button>
        )}
      </div>
    );
  }
  return (
    <>
      {write.isError && <Problem error={write.error} />}
      <Input.TextArea
        autoFocus
        autoSize={{ minRows: 2, maxRows: 6 }}
        maxLength={1000}
        aria-label={t("campaigns.handOver")}
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      <div className="qd-campaign-facts">
        <Button size="small" type="primary" loading={write.isPending} onClick={() => write.mutate(text)}>
          {t("people.save")}
        </Button>
        <Button size="small" onClick={() => setText(null)}>
          {t("action.cancel")}
        </Button>
      </div>
    </>
  );
}

/** What was seen every two hours, and the moves of people that help; the newest one's can be taken. */
export function Checkpoints({ of, runs }: { of: Campaign; runs: boolean }) {
  const { t } = useTranslation();
  const labels = useLabels();
  const accept = useCampaignVerb(of.id, ({ check, move }: { check: number; move: number }) =>
    campaigns.accept(of.id, check, move),
  );
  return (
    <section className="qd-panel" aria-label={t("campaigns.checkpoints")}>
      <div className="qd-panel-head">
        <h2>{t("campaigns.checkpoints")}</h2>
        <span className="qd-muted">{t("campaigns.checkpointsHint")}</span>
      </div>
      <div className="qd-panel-body qd-campaign-checks">
        {accept.isError && <Problem error={accept.error} />}
        {of.checkpoints.slice(0, 8).map((check, number) => (
          <article key={check.id} className="qd-campaign-check" data-testid="checkpoint">
            <div className="qd-campaign-facts">
              <b>
                <Time at={check.at} as="both" />
              </b>
              <span>
                {t("campaigns.done")} <b>{count(check.done)}</b>
              </span>
              <span>
                {t("campaigns.left")} <b>{count(check.left)}</b>
              </span>
              {check.pace !== null && <span>{t("campaigns.pace", { n: check.pace.toFixed(1) })}</span>}
              {check.left > 0 && (
                <span>
                  {t("campaigns.p80")} <Time at={check.p80} as="short" />
                </span>
              )}
              {check.chance !== null && (
                <span>
                  {t("campaigns.chance", { share: percent(Math.round(check.chance * 1000), 1000) })}
                </span>
              )}
              {check.late > 0 && (
                <span className="qd-red">
                  {t("campaigns.willBeLate", { n: count(check.late), yuan: money(check.penalty) })}
                </span>
              )}
            </div>
            {check.moves.map((move, place) => (
              <div key={move.text.zh} className="qd-campaign-move">
                <span>{labels.say(move.text)}</span>
                {check.accepted === place ? (
                  <span className="qd-tag qd-verdict-release">
                    {t("campaigns.taken", { name: check.accepted_by })}
                  </span>
                ) : (
                  number === 0 &&
                  runs &&
                  check.accepted === null && (
                    <Button
                      size="small"
                      type="primary"
                      loading={accept.isPending}
                      onClick={() => accept.mutate({ check: check.id, move: place })}
                    >
                      {t("campaigns.take")}
                    </Button>
                  )
                )}
              </div>
            ))}
            {number === 0 && check.moves.length === 0 && check.left > 0 && (
              <span className="qd-muted">{t("campaigns.noMove")}</span>
            )}
            <Note of={of} check={check} runs={runs && number === 0} />
          </article>
        ))}
      </div>
    </section>
  );
}
