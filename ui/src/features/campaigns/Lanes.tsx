import { useQuery } from "@tanstack/react-query";
import { Button, Input, Select, Skeleton } from "antd";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useLabels } from "../../app/catalogue";
import { EmptyState } from "../../ui/EmptyState";
import { count } from "../../ui/format";
import { Problem } from "../../ui/Problem";
import { Time } from "../../ui/Time";
import { type Campaign, campaigns, type LaneIn } from "./api";
import { useCampaignVerb } from "./CampaignPage";

const toDraft = (of: Campaign): LaneIn[] =>
  of.lanes.map((lane) => ({
    name: lane.name,
    team_id: lane.team.id,
    kinds: [...lane.kinds],
    people: lane.people.map((person) => person.id),
  }));

/** Groups A, B, C: what each works on, with whom, what is left for it and until when; and a proposed split. */
export function Lanes({ of, runs }: { of: Campaign; runs: boolean }) {
  const { t } = useTranslation();
  const labels = useLabels();
  const choices = useQuery({
    queryKey: ["campaigns", "choices"],
    queryFn: ({ signal }) => campaigns.choices(signal),
  });
  const [draft, setDraft] = useState<LaneIn[] | null>(null);
  const save = useCampaignVerb(
    of.id,
    (lanes: LaneIn[]) => campaigns.lanes(of.id, lanes),
    () => setDraft(null),
  );
  const split = useQuery({
    queryKey: ["campaigns", of.id, "split"],
    queryFn: ({ signal }) => campaigns.split(of.id, signal),
    enabled: false,
  });
  const saved = JSON.stringify(of.lanes);
  // biome-ignore lint/correctness/useExhaustiveDependencies: groups that were saved elsewhere end an edit
  useEffect(() => setDraft(null), [saved]);
  if (choices.isPending) return <Skeleton active />;
  if (choices.isError) return <Problem error={choices.error} retry={choices.refetch} />;
  const lanes = draft ?? toDraft(of);
  const set = (number: number, change: Partial<LaneIn>) =>
    setDraft(
      lanes.map((lane, place) => ({
        ...lane,
        ...(place === number
          ? change
          : {
              kinds: lane.kinds.filter((kind) => !change.kinds?.includes(kind)),
              people: lane.people.filter((person) => !change.people?.includes(person)),
            }),
      })),
    );
  const take = () => {
    const told = split.data;
    if (!told) return;
    const place = new Map(of.lanes.map((lane, number) => [lane.id, number]));
    setDraft(
      toDraft(of).map((lane, number) => ({
        ...lane,
        people: told.people.filter((one) => place.get(one.proposed) === number).map((one) => one.user.id),
      })),
    );
  };
  const outlook = new Map((of.forecast?.lanes ?? []).map((lane) => [lane.lane, lane]));
  const team = choices.data.teams[0];
  return (
    <section className="qd-panel" aria-label={t("campaigns.steps.4")}>
      <div className="qd-panel-head">
        <h2>{t("campaigns.steps.4")}</h2>
        <span className="qd-muted">{t("campaigns.lanesHint")}</span>
      </div>
      <div className="qd-panel-body">
        {!team ? (
          <EmptyState
            title={t("campaigns.noTeams")}
            text={t("campaigns.noTeamsText")}
            action={<Link to="/people">{t("nav.people")}</Link>}
          />
        ) : (
          <>
            {save.isError && <Problem error={save.error} />}
            {lanes.map((lane, number) => {
              const seen = outlook.get(of.lanes[number]?.id ?? -1);
              return (
                // biome-ignore lint/suspicious/noArrayIndexKey: a group is its letter
                <div key={number} className="qd-campaign-lane">
                  <b>{"ABCDEFGHJK"[number]}</b>
                  <Input
                    aria-label={t("campaigns.laneName")}
                    disabled={!runs}
                    maxLength={32}
                    value={lane.name}
                    onChange={(event) => set(number, { name: event.target.value })}
                  />
                  <Select
                    aria-label={t("campaigns.laneTeam")}
                    disabled={!runs}
                    value={lane.team_id}
                    onChange={(id) => set(number, { team_id: id })}
                    options={choices.data.teams.map((one) => ({ value: one.id, label: one.name }))}
                  />
                  <Select
                    aria-label={t("campaigns.pile.kind")}
                    disabled={!runs}
                    mode="multiple"
                    value={lane.kinds}
                    onChange={(kinds) => set(number, { kinds })}
                    options={choices.data.kinds.map((kind) => ({
                      value: kind.id,
                      label: labels.say(kind.label),
                    }))}
                  />
                  <Select
                    aria-label={t("campaigns.people")}
                    disabled={!runs}
                    mode="multiple"
                    placeholder={t("campaigns.nobodyHere")}
                    value={lane.people}
                    onChange={(people) => set(number, { people })}
                    options={choices.data.people.map((one) => ({ value: one.id, label: one.name }))}
                  />
                  <span className="qd-num">
                    {seen && draft === null && (
                      <>
                        {t("campaigns.laneLeft", { n: count(seen.left) })}
                        <br />
                        {seen.left > 0 &&
                          (seen.p80 ? (
                            <Time at={seen.p80} as="short" />
                          ) : (
                            <span className="qd-red">{t("campaigns.never")}</span>
                          ))}
                      </>
                    )}
                  </span>
                </div>
              );
            })}
            {runs && (
              <div className="qd-campaign-tools" style={{ marginTop: 12, marginBottom: 0 }}>
                <Button
                  type="primary"
                  disabled={draft === null}
                  loading={save.isPending}
                  onClick={() => draft && save.mutate(draft)}
                >
                  {t("campaigns.saveLanes")}
                </Button>
                {draft !== null && <Button onClick={() => setDraft(null)}>{t("action.cancel")}</Button>}
                <Button
                  disabled={lanes.length >= 10}
                  onClick={() =>
                    setDraft([
                      ...lanes,
                      { name: t("campaigns.newLane"), team_id: team.id, kinds: [], people: [] },
                    ])
                  }
                >
                  {t("campaigns.addLane")}
                </Button>
                {lanes.length > 1 && (
                  <Button onClick={() => setDraft(lanes.slice(0, -1))}>{t("campaigns.dropLane")}</Button>
                )}
                <Button loading={split.isFetching} onClick={() => void split.refetch()}>
                  {t("campaigns.propose")}
                </Button>
                {split.isError && <Problem error={split.error} />}
                {split.data && (
                  <span className="qd-campaign-move">
                    <span>
                      {t("campaigns.proposedWould")} <Time at={split.data.proposed.p80} as="short" />
                      {t("campaigns.insteadOf")} <Time at={split.data.now.p80} as="short" />
                    </span>
                    <Button size="small" type="primary" onClick={take}>
                      {t("campaigns.takeSplit")}
                    </Button>
                  </span>
                )}
              </div>
            )}
          </>
        )}
      </div>
    </section>
  );
}
