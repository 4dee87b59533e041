import { CheckCircleFilled, ClockCircleOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Problem } from "../../../ui/Problem";
import { backtests, publishing } from "../api";
import { share } from "../backtest/share";
import type { Editor } from "../editor/useEditor";
import { RolloutCard } from "./RolloutCard";
import { usePublishing } from "./usePublishing";
import "./publish.css";

function Step({ done, children }: { done: boolean; children: ReactNode }) {
  return (
    <li className={done ? "qd-ready qd-ready-done" : "qd-ready"}>
      {done ? <CheckCircleFilled aria-hidden /> : <ClockCircleOutlined aria-hidden />}
      <span>{children}</span>
    </li>
  );
}

/** The way of a draft to being live: what it still needs, then each step. */
export function PublishView({
  editor,
  onView,
}: {
  editor: Editor;
  onView: (view: "edit" | "backtest") => void;
}) {
  const { t } = useTranslation();
  const { draft, checked, flush, pending } = editor;
  const tests = useQuery({
    queryKey: ["backtests", draft.id],
    queryFn: ({ signal }) => backtests.list(draft.id, signal),
  });
  const rollouts = useQuery({ queryKey: ["rollouts"], queryFn: ({ signal }) => publishing.rollouts(signal) });
  const test = tests.data?.find((one) => one.state === "done" && one.new_hash === checked.hash);
  const propose = usePublishing(async () => {
    await flush();
    if (test) await publishing.propose({ name: draft.name, source: editor.source, backtest: test.id });
  }, t("studio.rollout.done.propose"));
  const own = rollouts.data?.filter((one) => one.hash === checked.hash && one.state !== "withdrawn") ?? [];
  const result = test?.result;
  const ready = checked.ok && test !== undefined && !pending;
  return (
    <div className="qd-publish">
      <section className="qd-panel qd-publish-ready" aria-label={t("studio.publish.ready")}>
        <h2>{t("studio.publish.ready")}</h2>
        <ul>
          <Step done={checked.ok}>
            {t(checked.ok ? "studio.publish.checked" : "studio.publish.faulty")}{" "}
            {!checked.ok && (
              <button type="button" className="qd-link" onClick={() => onView("edit")}>
                {t("studio.view.edit")}
              </button>
            )}
          </Step>
          <Step done={test !== undefined}>
            {result
              ? t("studio.publish.tested", {
                  old: share(result.old.rate),
                  now: share(result.new.rate),
                  bound: share(result.new.problem_bound),
                })
              : t("studio.publish.untested")}{" "}
            <button type="button" className="qd-link" onClick={() => onView("backtest")}>
              {t("studio.view.backtest")}
            </button>
          </Step>
        </ul>
        {!own.some((row) => row.state !== "ended") && (
          <Button
            type="primary"
            disabled={!ready}
            loading={propose.isPending}
            onClick={() => propose.mutate(undefined)}
            data-action="propose"
          >
            {t("studio.publish.propose")}
          </Button>
        )}
        <p className="qd-muted">{t("studio.publish.text")}</p>
      </section>
      {rollouts.isError && <Problem error={rollouts.error} retry={rollouts.refetch} />}
      {own.slice(0, 3).map((row) => (
        <RolloutCard key={row.id} row={row} />
      ))}
    </div>
  );
}
