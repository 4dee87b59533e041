import { Button } from "antd";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Action, OrderDetail } from "../../api/types";
import { useRight } from "../../app/session";

const DecideDialog = lazy(async () => ({ default: (await import("./DecideDialog")).DecideDialog }));

const OFFERED: Record<string, Action[]> = {
  in_review: ["release", "hold", "exception"],
  exception: ["release", "hold", "review"],
  held: ["release", "exception", "review"],
  released: ["hold", "exception", "review"],
  unpaid: ["hold", "exception"],
};

/** What a person may decide about the order, each with a reason and against the version they saw. */
export function Decide({ detail }: { detail: OrderDetail }) {
  const { t } = useTranslation();
  const right = useRight();
  const [action, setAction] = useState<Action | null>(null);
  const offered = OFFERED[String(detail.order.stage)] ?? [];
  if (!right("orders.decide")) return <span className="qd-muted">{t("decide.noRight")}</span>;
  if (offered.length === 0) return <span className="qd-muted">{t("decide.nothing")}</span>;
  return (
    <div className="qd-decide">
      {offered.map((one) => (
        <Button
          key={one}
          type={one === "release" ? "primary" : "default"}
          danger={one === "exception"}
          data-action={one}
          onClick={() => setAction(one)}
        >
          {t(`decide.action.${one}`)}
        </Button>
      ))}
      <Suspense>
        {action && <DecideDialog action={action} detail={detail} onClose={() => setAction(null)} />}
      </Suspense>
    </div>
  );
}
