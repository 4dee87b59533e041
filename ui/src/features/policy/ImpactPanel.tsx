import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Skeleton } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { OrderRow } from "../../api/types";
import { useLabels } from "../../app/catalogue";
import { count } from "../../ui/format";
import { Money } from "../../ui/Money";
import { Problem } from "../../ui/Problem";
import { OrderDrawer } from "../orders/OrderDrawer";
import { type Impact, impactOf, type Move } from "./api";
import type { Editor } from "./editor/useEditor";
import { Levers } from "./Levers";
import "./impact.css";

const SAMPLES = 4;

interface MovesProps {
  kind: "stage" | "tier";
  moves: readonly Move[];
  orders: ReadonlyMap<number, OrderRow>;
  onOpen: (id: number) => void;
}

function Moves({ kind, moves, orders, onOpen }: MovesProps) {
  const { t } = useTranslation();
  const labels = useLabels();
  const say = (id: string | null) =>
    (kind === "stage" ? labels.value("stage", id) : labels.tier(id)) || t("studio.impact.noTier");
  const moving = moves.filter((move) => move.old !== move.new);
  if (moving.length === 0) return null;
  return (
    <section>
      <h3>{t(`studio.impact.${kind}`)}</h3>
      <ul className="qd-moves">
        {moving.map((move) => (
          <li key={`${move.old}>${move.new}`} data-move={`${move.old}-${move.new}`}>
            <p className={move.new === "released" ? "qd-move qd-move-gain" : "qd-move"}>
              <span>
                {say(move.old)} → <b>{say(move.new)}</b>
              </span>
              <b className="qd-num">{count(move.n)}</b>
            </p>
            <p className="qd-move-samples">
              {move.samples.slice(0, SAMPLES).map((id) => {
                const row = orders.get(id);
                return row ? (
                  <button key={id} type="button" className="qd-link" onClick={() => onOpen(id)}>
                    <span className="qd-num">…{row.order_no.slice(-6)}</span> <Money fen={row.paid_amount} />
                  </button>
                ) : null;
              })}
            </p>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Figures({ impact }: { impact: Impact }) {
  const { t } = useTranslation();
  const before = impact.stages.reduce((sum, move) => sum + (move.old === "released" ? move.n : 0), 0);
  const figures = [
    ["released", impact.released - before],
    ["held", into(impact, "held")],
    ["exception", into(impact, "exception")],
    ["in_review", into(impact, "in_review")],
  ] as const;
  return (
    <dl className="qd-impact-figures">
      {figures.map(([key, n]) => (
        <div key={key} data-figure={key} data-value={n}>
          <dt>{t(`studio.impact.figure.${key}`)}</dt>
          <dd className={n > 0 && key === "released" ? "qd-num qd-impact-gain" : "qd-num"}>
            {n > 0 ? `+${count(n)}` : n < 0 ? `−${count(-n)}` : "0"}
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** By how many the orders in a stage would grow. */
function into(impact: Impact, stage: string): number {
  return impact.stages.reduce(
    (sum, move) => sum + (move.new === stage ? move.n : 0) - (move.old === stage ? move.n : 0),
    0,
  );
}

/** What the draft would do to the orders that wait right now, as it is being written. */
export function ImpactPanel({ editor }: { editor: Editor }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState<number | null>(null);
  const { source, pending, checked } = editor;
  const asked = useQuery({
    queryKey: ["impact", source],
    queryFn: ({ signal }) => impactOf(source, signal),
    enabled: checked.ok && !pending,
    placeholderData: keepPreviousData,
    staleTime: 15_000,
    retry: false,
  });
  const impact = asked.data;
  const orders = new Map((impact?.orders ?? []).map((row) => [row.id, row]));
  const ids = [...orders.keys()];
  const at = open === null ? -1 : ids.indexOf(open);
  const old = pending || !checked.ok || asked.isPlaceholderData;
  return (
    <aside
      className="qd-panel qd-impact"
      aria-label={t("studio.impact.title")}
      data-loading={old && checked.ok}
    >
      <h2>{t("studio.impact.title")}</h2>
      {!checked.ok && <p className="qd-muted">{t("studio.impact.faulty")}</p>}
      {asked.isError && <Problem error={asked.error} retry={asked.refetch} />}
      {!impact && checked.ok && !asked.isError && <Skeleton active paragraph={{ rows: 4 }} />}
      {impact && (
        <div className={old ? "qd-impact-old" : undefined} data-testid="impact" data-changed={impact.changed}>
          <p className="qd-muted">
            {t(impact.changed > 0 ? "studio.impact.changed" : "studio.impact.unchanged", {
              waiting: count(impact.waiting),
              n: count(impact.changed),
            })}
          </p>
          <Figures impact={impact} />
          <Moves kind="stage" moves={impact.stages} orders={orders} onOpen={setOpen} />
          <Moves kind="tier" moves={impact.tiers} orders={orders} onOpen={setOpen} />
          {impact.kept_by_hand > 0 && (
            <p className="qd-muted">{t("studio.impact.byHand", { n: count(impact.kept_by_hand) })}</p>
          )}
        </div>
      )}
      <Levers editor={editor} />
      <OrderDrawer
        id={open === null ? null : String(open)}
        onClose={() => setOpen(null)}
        onStep={(by) => setOpen(ids[at + by] ?? open)}
        hasPrevious={at > 0}
        hasNext={at >= 0 && at < ids.length - 1}
      />
    </aside>
  );
}
