import { useQuery } from "@tanstack/react-query";
import { Button, DatePicker, Popover, Steps, Tooltip } from "antd";
import type { Dayjs } from "dayjs";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useLabels } from "../../../app/catalogue";
import { useRight, useSession } from "../../../app/session";
import { count } from "../../../ui/format";
import { Time } from "../../../ui/Time";
import { publishing, type Rollout } from "../api";
import { OrdersBehind } from "../backtest/OrdersBehind";
import { SkipShadow } from "./SkipShadow";
import { usePublishing } from "./usePublishing";
import "./publish.css";

const BEFORE_LIVE = new Set(["proposed", "shadow", "scheduled"]);

function Way({ row }: { row: Rollout }) {
  const { t } = useTranslation();
  const approved = row.approved_at !== null;
  const live = row.live_since !== null;
  const items = [
    {
      title: t("studio.rollout.proposed"),
      status: "finish" as const,
      content: (
        <>
          {row.proposed_by} <Time at={row.proposed_at} as="short" />
        </>
      ),
    },
    {
      title: t("studio.rollout.shadow"),
      status:
        row.state === "shadow"
          ? ("process" as const)
          : row.shadow_since
            ? ("finish" as const)
            : ("wait" as const),
      content: row.shadow_since ? (
        <Time at={row.shadow_since} as="short" />
      ) : (
        row.shadow_skipped || t(live ? "studio.rollout.skipped" : "studio.rollout.optional")
      ),
    },
    {
      title: t("studio.rollout.approval"),
      status: approved || !row.needs_approval ? ("finish" as const) : ("process" as const),
      content: approved
        ? row.approved_by
        : t(row.needs_approval ? "studio.rollout.needed" : "studio.rollout.notNeeded"),
    },
    {
      title: t("studio.rollout.live"),
      status: live ? ("finish" as const) : ("wait" as const),
      content: row.live_since ? (
        <Time at={row.live_since} as="short" />
      ) : row.starts_at ? (
        <Time at={row.starts_at} as="both" />
      ) : (
        ""
      ),
    },
  ];
  return <Steps size="small" items={items} titlePlacement="horizontal" responsive />;
}

/** From when until when; left open it takes effect at once and for good. */
function Times({
  disabled,
  onPublish,
}: {
  disabled: boolean;
  onPublish: (at: Dayjs | null, until: Dayjs | null) => void;
}) {
  const { t } = useTranslation();
  const [at, setAt] = useState<Dayjs | null>(null);
  const [until, setUntil] = useState<Dayjs | null>(null);
  const content = (
    <div className="qd-rollout-times">
      <DatePicker
        showTime={{ format: "HH:mm" }}
        format="YYYY-MM-DD HH:mm"
        placeholder={t("studio.rollout.from")}
        aria-label={t("studio.rollout.from")}
        value={at}
        onChange={setAt}
      />
      <DatePicker
        showTime={{ format: "HH:mm" }}
        format="YYYY-MM-DD HH:mm"
        placeholder={t("studio.rollout.until")}
        aria-label={t("studio.rollout.until")}
        value={until}
        onChange={setUntil}
      />
      <p className="qd-muted">{t("studio.rollout.timesText")}</p>
      <Button type="primary" disabled={!at && !until} onClick={() => onPublish(at, until)}>
        {t("studio.rollout.schedule")}
      </Button>
    </div>
  );
  return (
    <Popover trigger="click" content={content} placement="bottomRight">
      <Button disabled={disabled}>{t("studio.rollout.times")}</Button>
    </Popover>
  );
}

function ShadowPart({ row }: { row: Rollout }) {
  const { t } = useTranslation();
  const labels = useLabels();
  const [open, setOpen] = useState(false);
  const shadow = useQuery({
    queryKey: ["shadow", row.id],
    queryFn: ({ signal }) => publishing.shadow(row.id, signal),
    refetchInterval: row.state === "shadow" ? 15_000 : false,
  });
  if (!shadow.data) return null;
  const { orders, differing, moves, differences } = shadow.data;
  const say = (id: string) => t(`studio.code.${id}`, { defaultValue: labels.value("stage", id) || id });
  return (
    <div className="qd-rollout-shadow" data-testid="shadow" data-differing={differing}>
      <p>
        {t("studio.rollout.shadowed", { n: count(orders), differing: count(differing) })}
        {differing > 0 && (
          <button type="button" className="qd-link" onClick={() => setOpen(true)}>
            {t("studio.rollout.differences")}
          </button>
        )}
      </p>
      <ul>
        {moves
          .filter((move) => move.old !== move.new)
          .map((move) => (
            <li key={`${move.old}>${move.new}`}>
              {say(move.old)} → {say(move.new)} <b className="qd-num">{count(move.n)}</b>
            </li>
          ))}
      </ul>
      <OrdersBehind
        title={open ? t("studio.rollout.differences") : null}
        queryKey={["shadow", row.id, shadow.dataUpdatedAt]}
        load={async () => differences.map((one) => one.order)}
        onClose={() => setOpen(false)}
      />
    </div>
  );
}

/** One policy on its way to being live, with what can be done next. */
export function RolloutCard({ row }: { row: Rollout }) {
  const { t } = useTranslation();
  const right = useRight();
  const me = useSession().data?.user?.name;
  const shadow = usePublishing(publishing.startShadow, t("studio.rollout.done.shadow"));
  const approve = usePublishing(publishing.approve, t("studio.rollout.done.approve"));
  const withdraw = usePublishing(publishing.withdraw, t("studio.rollout.done.withdraw"));
  const publish = usePublishing(
    ({ at, until, why }: { at: Dayjs | null; until: Dayjs | null; why: string }) =>
      publishing.publish(row.id, {
        at: at?.toISOString() ?? null,
        until: until?.toISOString() ?? null,
        skip_shadow: why,
      }),
    t("studio.rollout.done.publish"),
  );
  const [asked, setAsked] = useState<{ at: Dayjs | null; until: Dayjs | null } | null>(null);
  const shadowed = useQuery({
    queryKey: ["shadow", row.id],
    queryFn: ({ signal }) => publishing.shadow(row.id, signal),
    enabled: row.shadow_since !== null,
  });
  const ask = (at: Dayjs | null, until: Dayjs | null) =>
    (shadowed.data?.orders ?? 0) > 0 ? publish.mutate({ at, until, why: "" }) : setAsked({ at, until });
  const waits = row.needs_approval && row.approved_at === null;
  const mine = row.proposed_by === me;
  const open = BEFORE_LIVE.has(row.state);
  return (
    <section
      className="qd-panel qd-rollout"
      data-rollout={row.id}
      data-state={row.state}
      aria-label={row.name}
    >
      <header>
        <h3>{row.name}</h3>
        <span className="qd-tag">{t(`studio.rollout.state.${row.state}`)}</span>
        <span className="qd-code qd-muted">{row.hash.slice(0, 12)}</span>
        {row.ends_at && (
          <span className="qd-muted">
            {t("studio.rollout.endsAt")} <Time at={row.ends_at} as="both" />
          </span>
        )}
      </header>
      <Way row={row} />
      {(row.state === "shadow" || row.shadow_since) && <ShadowPart row={row} />}
      {open && right("policies.edit") && (
        <div className="qd-rollout-tools">
          {row.state === "proposed" && (
            <Button loading={shadow.isPending} onClick={() => shadow.mutate(row.id)} data-action="shadow">
              {t("studio.rollout.startShadow")}
            </Button>
          )}
          {waits && (
            <Tooltip title={mine ? t("studio.rollout.second") : ""}>
              <Button
                disabled={mine}
                loading={approve.isPending}
                onClick={() => approve.mutate(row.id)}
                data-action="approve"
              >
                {t("studio.rollout.approve")}
              </Button>
            </Tooltip>
          )}
          <Times disabled={waits} onPublish={ask} />
          <Button
            type="primary"
            disabled={waits}
            loading={publish.isPending}
            onClick={() => ask(null, null)}
            data-action="publish"
          >
            {t("studio.rollout.publish")}
          </Button>
          <Button type="text" danger loading={withdraw.isPending} onClick={() => withdraw.mutate(row.id)}>
            {t("studio.rollout.withdraw")}
          </Button>
          {waits && mine && <span className="qd-muted">{t("studio.rollout.second")}</span>}
        </div>
      )}
      {asked && (
        <SkipShadow
          onClose={() => setAsked(null)}
          onSkip={(why) => {
            publish.mutate({ ...asked, why });
            setAsked(null);
          }}
        />
      )}
    </section>
  );
}
