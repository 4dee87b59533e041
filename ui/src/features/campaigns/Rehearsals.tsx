import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, DatePicker, Input, InputNumber, Skeleton } from "antd";
import dayjs, { type Dayjs } from "dayjs";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useLabels } from "../../app/catalogue";
import { EmptyState } from "../../ui/EmptyState";
import { count, money } from "../../ui/format";
import { Problem } from "../../ui/Problem";
import { Time } from "../../ui/Time";
import { campaigns, type Played, type Rehearsal } from "./api";

function Curve({ hours }: { hours: Played["hours"] }) {
  const { t } = useTranslation();
  const most = Math.max(1, ...hours.map((hour) => hour.high));
  const line = (pick: (hour: Played["hours"][number]) => number) =>
    hours
      .map((hour, n) => `${(n / Math.max(hours.length - 1, 1)) * 600},${110 - (pick(hour) / most) * 100}`)
      .join(" ");
  return (
    <svg
      viewBox="0 0 600 120"
      width="100%"
      height="120"
      preserveAspectRatio="none"
      role="img"
      aria-label={t("campaigns.curve", { n: count(most) })}
    >
      <polyline
        points={line((hour) => hour.high)}
        fill="none"
        stroke="var(--qd-heat-2)"
        strokeWidth="1.5"
        vectorEffect="non-scaling-stroke"
      />
      <polyline
        points={line((hour) => hour.left)}
        fill="none"
        stroke="var(--qd-primary)"
        strokeWidth="2"
        vectorEffect="non-scaling-stroke"
      />
    </svg>
  );
}

function Card({ one }: { one: Rehearsal }) {
  const { t } = useTranslation();
  const labels = useLabels();
  const played = one.result as unknown as Played;
  return (
    <section className="qd-panel" aria-label={one.name}>
      <div className="qd-panel-head">
        <h2>{one.name}</h2>
        <span className="qd-muted">
          {one.first_day} – {one.last_day} × {one.scale} · {one.created_by} ·{" "}
          <Time at={one.created_at} as="short" />
        </span>
      </div>
      <div className="qd-panel-body">
        <p className={played.broke ? "qd-red" : ""}>
          <b>{played.broke ? labels.say(played.broke) : t("campaigns.held")}</b>
        </p>
        <div className="qd-campaign-facts">
          <span>
            {t("campaigns.playedOrders", { n: count(played.orders), rules: count(played.released) })}
          </span>
          <span>{t("campaigns.playedPeople", { n: count(played.for_people), people: played.people })}</span>
          <span>{t("campaigns.willBeLate", { n: count(played.late), yuan: money(played.penalty) })}</span>
          <span>
            {t("campaigns.p80")} <Time at={played.p80} as="short" />
          </span>
        </div>
        <Curve hours={played.hours} />
        <span className="qd-muted">{t("campaigns.curveHint")}</span>
      </div>
    </section>
  );
}

/** Past days played through today's rules and roster. */
export function Rehearsals({ runs }: { runs: boolean }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [days, setDays] = useState<[Dayjs, Dayjs]>([dayjs().subtract(7, "day"), dayjs()]);
  const [from, setFrom] = useState(dayjs().add(1, "day"));
  const [scale, setScale] = useState(3);
  const [name, setName] = useState(t("campaigns.rehearsalName"));
  const list = useQuery({
    queryKey: ["campaigns", "rehearsals"],
    queryFn: ({ signal }) => campaigns.rehearsals(signal),
  });
  const play = useMutation({
    mutationFn: () =>
      campaigns.rehearse({
        name,
        first_day: days[0].format("YYYY-MM-DD"),
        last_day: days[1].format("YYYY-MM-DD"),
        play_day: from.format("YYYY-MM-DD"),
        scale,
      }),
    onSuccess: () => client.invalidateQueries({ queryKey: ["campaigns", "rehearsals"] }),
  });
  if (list.isPending) return <Skeleton active />;
  if (list.isError) return <Problem error={list.error} retry={list.refetch} />;
  return (
    <>
      {runs && (
        <section className="qd-panel" aria-label={t("campaigns.rehearse")}>
          <div className="qd-panel-body">
            {play.isError && <Problem error={play.error} />}
            <div className="qd-campaign-tools" style={{ marginBottom: 0 }}>
              <Input
                style={{ width: 160 }}
                maxLength={64}
                aria-label={t("campaigns.name")}
                value={name}
                onChange={(e) => setName(e.target.value)}
              />
              {t("campaigns.playDays")}
              <DatePicker.RangePicker
                allowClear={false}
                value={days}
                onChange={(next) => next?.[0] && next[1] && setDays([next[0], next[1]])}
              />
              ×
              <InputNumber
                min={0.1}
                max={20}
                step={0.5}
                value={scale}
                aria-label={t("campaigns.scale")}
                onChange={(n) => setScale(n ?? 1)}
              />
              {t("campaigns.onRoster")}
              <DatePicker
                allowClear={false}
                value={from}
                onChange={(next) => next && setFrom(next)}
                aria-label={t("campaigns.onRoster")}
              />
              <Button
                type="primary"
                loading={play.isPending}
                disabled={name.trim() === ""}
                onClick={() => play.mutate()}
              >
                {t("campaigns.rehearse")}
              </Button>
            </div>
          </div>
        </section>
      )}
      {list.data.length === 0 && (
        <section className="qd-panel">
          <EmptyState title={t("campaigns.noRehearsals")} text={t("campaigns.noRehearsalsText")} />
        </section>
      )}
      {list.data.map((one) => (
        <Card key={one.id} one={one} />
      ))}
    </>
  );
}
