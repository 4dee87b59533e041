import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Progress, Segmented, Skeleton } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useRight } from "../../../app/session";
import { EmptyState } from "../../../ui/EmptyState";
import { Problem } from "../../../ui/Problem";
import { Time } from "../../../ui/Time";
import { type Suggestion, suggestions } from "./api";
import { FoundRules } from "./FoundRules";
import "./suggest.css";

const TARGETS = [0.98, 0.99, 0.995] as const;

const busy = (one: Suggestion | undefined) => one?.state === "queued" || one?.state === "running";

/** Rules that people follow without their being written down, found in what they decided by hand. */
export function SuggestTab() {
  const { t } = useTranslation();
  const right = useRight();
  const client = useQueryClient();
  const [target, setTarget] = useState<number>(0.99);
  const runs = useQuery({
    queryKey: ["suggestions"],
    queryFn: ({ signal }) => suggestions.list(signal),
    refetchInterval: ({ state }) => (busy(state.data?.[0]) ? 700 : false),
  });
  const start = useMutation({
    mutationFn: () => suggestions.start(target),
    onSuccess: () => client.invalidateQueries({ queryKey: ["suggestions"] }),
  });
  if (runs.isPending) return <Skeleton active />;
  if (runs.isError) return <Problem error={runs.error} retry={runs.refetch} />;
  const newest = runs.data[0];
  const search = right("policies.edit") && (
    <Button
      type="primary"
      data-action="suggest"
      loading={start.isPending || busy(newest)}
      onClick={() => start.mutate()}
    >
      {t(newest ? "studio.suggest.again" : "studio.suggest.run")}
    </Button>
  );
  return (
    <div className="qd-suggest">
      <p className="qd-suggest-lead">{t("studio.suggest.lead")}</p>
      <div className="qd-suggest-bar">
        <span>{t("studio.suggest.target")}</span>
        <Segmented<number>
          aria-label={t("studio.suggest.target")}
          value={target}
          options={TARGETS.map((one) => ({ value: one, label: `${one * 100}%` }))}
          onChange={setTarget}
        />
        {newest && search}
        {newest && (
          <span className="qd-muted">
            {t("studio.suggest.last", { who: newest.created_by })} <Time at={newest.created_at} as="short" />
          </span>
        )}
      </div>
      {start.isError && <Problem error={start.error} />}
      {busy(newest) && (
        <Progress percent={100} status="active" showInfo={false} aria-label={t("studio.suggest.run")} />
      )}
      {newest?.state === "failed" && <p className="qd-red">{t("studio.suggest.failed")}</p>}
      {newest?.result && <FoundRules run={newest} found={newest.result} />}
      {!newest && (
        <EmptyState title={t("studio.suggest.none")} text={t("studio.suggest.noneText")} action={search} />
      )}
    </div>
  );
}
