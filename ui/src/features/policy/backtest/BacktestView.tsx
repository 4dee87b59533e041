import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, DatePicker, Progress, Segmented } from "antd";
import dayjs, { type Dayjs } from "dayjs";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { EmptyState } from "../../../ui/EmptyState";
import { Problem } from "../../../ui/Problem";
import { Time } from "../../../ui/Time";
import { type Backtest, backtests } from "../api";
import type { Editor } from "../editor/useEditor";
import { FrontierPart } from "./FrontierPart";
import { Result } from "./Result";
import "./backtest.css";

type Period = "7" | "30" | "90" | "all" | "own";
const PERIODS: readonly Period[] = ["7", "30", "90", "all", "own"];

const busy = (test: Backtest | undefined) => test?.state === "queued" || test?.state === "running";

/** Tries the draft on history beside the live policy. */
export function BacktestView({ editor }: { editor: Editor }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [period, setPeriod] = useState<Period>("all");
  const [own, setOwn] = useState<[Dayjs, Dayjs] | null>(null);
  const { draft, flush } = editor;
  const tests = useQuery({
    queryKey: ["backtests", draft.id],
    queryFn: ({ signal }) => backtests.list(draft.id, signal),
    refetchInterval: ({ state }) => (busy(state.data?.[0]) ? 500 : false),
  });
  const newest = tests.data?.[0];
  const start = useMutation({
    mutationFn: async () => {
      await flush();
      const [since, before] =
        period === "own"
          ? [own?.[0].startOf("day") ?? null, own?.[1].add(1, "day").startOf("day") ?? null]
          : [period === "all" ? null : dayjs().subtract(Number(period), "day"), null];
      return backtests.start({
        source: editor.source,
        draft: draft.id,
        since: since?.toISOString() ?? null,
        before: before?.toISOString() ?? null,
      });
    },
    onSuccess: () => client.invalidateQueries({ queryKey: ["backtests", draft.id] }),
  });
  const behind =
    newest !== undefined && editor.checked.hash !== null && newest.new_hash !== editor.checked.hash;
  return (
    <div>
      <div className="qd-bt-bar-top">
        <Segmented<Period>
          aria-label={t("studio.bt.period")}
          value={period}
          options={PERIODS.map((one) => ({ value: one, label: t(`studio.period.${one}`) }))}
          onChange={setPeriod}
        />
        {period === "own" && (
          <DatePicker.RangePicker
            value={own}
            onChange={(range) => setOwn(range?.[0] && range[1] ? [range[0], range[1]] : null)}
          />
        )}
        <Button
          type="primary"
          data-action="backtest"
          disabled={!editor.checked.ok || editor.pending || (period === "own" && !own)}
          loading={start.isPending || busy(newest)}
          onClick={() => start.mutate()}
        >
          {t("studio.bt.run")}
        </Button>
        {newest && (
          <span className="qd-muted">
            {t("studio.bt.last", { who: newest.created_by })} <Time at={newest.created_at} as="short" />
          </span>
        )}
        {behind && !busy(newest) && <span className="qd-tag qd-reason-hold">{t("studio.bt.behind")}</span>}
      </div>
      {!editor.checked.ok && <p className="qd-red">{t("studio.bt.faulty")}</p>}
      {start.isError && <Problem error={start.error} />}
      {tests.isError && <Problem error={tests.error} retry={tests.refetch} />}
      {newest && busy(newest) && (
        <Progress
          percent={newest.chunks ? Math.round((newest.done_chunks / newest.chunks) * 100) : 0}
          aria-label={t("studio.bt.run")}
        />
      )}
      {newest?.state === "failed" && <p className="qd-red">{t("studio.bt.failed")}</p>}
      {newest?.result &&
        (newest.result.orders > 0 ? (
          <Result test={newest} result={newest.result} />
        ) : (
          <EmptyState title={t("studio.bt.noOrders")} text={t("studio.bt.noOrdersText")} />
        ))}
      {newest?.result && newest.result.orders > 0 && editor.checked.ok && (
        <div className="qd-bt">
          <FrontierPart editor={editor} />
        </div>
      )}
      {tests.data?.length === 0 && !start.isPending && (
        <EmptyState title={t("studio.bt.none")} text={t("studio.bt.noneText")} />
      )}
    </div>
  );
}
