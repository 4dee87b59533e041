import { ThunderboltOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Button, Modal } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useLabels } from "../../app/catalogue";
import { count } from "../../ui/format";
import { Problem } from "../../ui/Problem";
import { cases, type MacroOrder, useAct } from "./api";
import { useMacroWords } from "./useMacroWords";
import "./cases.css";

interface Props {
  /** The orders as the person sees them, by number for the list of what was refused. */
  orders: readonly (MacroOrder & { no: string })[];
  onClose: () => void;
}

/** Picks a macro for one order or many, and tells what came of each. */
export function MacroDialog({ orders, onClose }: Props) {
  const { t } = useTranslation();
  const labels = useLabels();
  const describe = useMacroWords();
  const [chosen, choose] = useState<number | null>(null);
  const found = useQuery({ queryKey: ["cases", "macros"], queryFn: ({ signal }) => cases.macros(signal) });
  const apply = useAct((id: number) =>
    cases.applyMacro(
      id,
      orders.map(({ id: order, version }) => ({ id: order, version })),
    ),
  );
  const refused = apply.data?.results.filter((one) => !one.done) ?? [];
  const done = apply.data !== undefined;
  return (
    <Modal
      open
      title={t("cases.macro.title", { count: orders.length, shown: count(orders.length) })}
      okText={t(done ? "action.close" : "cases.macro.apply")}
      cancelText={t("action.cancel")}
      cancelButtonProps={done ? { hidden: true } : {}}
      okButtonProps={{ disabled: !done && chosen === null }}
      confirmLoading={apply.isPending}
      onOk={() => (done ? onClose() : chosen !== null && apply.mutate(chosen))}
      onCancel={onClose}
    >
      {found.isError && <Problem error={found.error} retry={found.refetch} />}
      {!done && found.data?.length === 0 && <p className="qd-muted">{t("cases.macro.none")}</p>}
      {!done && (
        <ul className="qd-macros">
          {(found.data ?? []).map((macro) => (
            <li key={macro.id}>
              <button
                type="button"
                aria-pressed={chosen === macro.id}
                data-macro={macro.id}
                onClick={() => choose(macro.id)}
              >
                <b>{macro.name}</b>
                <span className="qd-muted">{describe(macro.body).join(" · ")}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
      {apply.data && (
        <div data-testid="macro-results">
          <p>
            {t("cases.macro.done", { count: apply.data.done, shown: count(apply.data.done) })}{" "}
            {apply.data.refused > 0 && (
              <span className="qd-red">
                {t("cases.macro.refused", { count: apply.data.refused, shown: count(apply.data.refused) })}
              </span>
            )}
          </p>
          <ul className="qd-log">
            {refused.map((one) => (
              <li key={one.order_id}>
                <span className="qd-num">{orders.find(({ id }) => id === one.order_id)?.no}</span>
                <span>{labels.language === "zh" ? one.zh : one.en}</span>
              </li>
            ))}
          </ul>
        </div>
      )}
      {apply.isError && <Problem error={apply.error} />}
    </Modal>
  );
}

/** Opens the macros for orders that the page shows. */
export function MacroButton({ orders, size }: { orders: Props["orders"]; size?: "small" | "middle" }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button
        size={size ?? "middle"}
        icon={<ThunderboltOutlined aria-hidden />}
        disabled={orders.length === 0}
        data-testid="macro"
        onClick={() => setOpen(true)}
      >
        {t("cases.macro.button")}
      </Button>
      {open && <MacroDialog orders={orders} onClose={() => setOpen(false)} />}
    </>
  );
}
