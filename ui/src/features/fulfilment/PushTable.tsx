import { FireFilled } from "@ant-design/icons";
import { Button, Dropdown, Pagination } from "antd";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useLabels } from "../../app/catalogue";
import { usePreferences } from "../../app/preferences";
import { useRight } from "../../app/session";
import { Time } from "../../ui/Time";
import { StageTag } from "../../ui/tags";
import { type Action, type Destination, type Push, SIZE } from "./api";
import { choices } from "./choices";

interface Props {
  rows: readonly Push[];
  total: number;
  page: number;
  destinations: readonly Destination[];
  busy: boolean;
  onPage: (page: number) => void;
  onSettle: (push: Push, action: Action, destination: number | null) => void;
  onHold: (push: Push) => void;
}

const HOLD = "hold";

/** Why a push stands where it does: our words, then the warehouse's own. */
function Why({ push }: { push: Push }) {
  const { language } = usePreferences();
  const advice = push.said && (language === "zh" ? push.said.advice_zh : push.said.advice_en);
  return (
    <div className="qd-push-why">
      {push.reason && <b className={push.state === "failed" ? "qd-red" : ""}>{push.reason[language]}</b>}
      {push.said && <span>{push.said[language]}</span>}
      {push.detail && <q className="qd-muted">{push.detail}</q>}
      {advice && <span className="qd-muted">{advice}</span>}
      {!push.reason && !push.said && <span className="qd-muted">—</span>}
    </div>
  );
}

function Choices({
  push,
  destinations,
  busy,
  onSettle,
  onHold,
}: Omit<Props, "rows" | "total" | "page" | "onPage"> & { push: Push }) {
  const { t } = useTranslation();
  const [first, ...rest] = choices(push);
  if (!first) return <span className="qd-muted">—</span>;
  const others = destinations.filter((to) => to.active && to.name !== push.destination);
  const items = [
    ...(push.holdable ? [{ key: HOLD, label: t(`push.action.${push.held ? "restore" : "hold"}`) }] : []),
    ...rest.flatMap((action) => [
      { key: action, label: t(`push.action.${action}`), danger: action === "cancel" },
      ...(action === "resend"
        ? others.map((to) => ({ key: `resend:${to.id}`, label: t("push.resendTo", { name: to.name }) }))
        : []),
    ]),
  ];
  return (
    <span className="qd-push-choices">
      <Button
        size="small"
        disabled={busy}
        danger={first === "cancel"}
        onClick={() => onSettle(push, first, null)}
      >
        {t(`push.action.${first}`)}
      </Button>
      {items.length > 0 && (
        <Dropdown
          trigger={["click"]}
          menu={{
            items,
            onClick: ({ key }) => {
              if (key === HOLD) return onHold(push);
              const [action, to] = key.split(":");
              onSettle(push, action as Action, to ? Number(to) : null);
            },
          }}
        >
          <Button size="small" disabled={busy} aria-label={t("push.more", { number: push.number })}>
            …
          </Button>
        </Dropdown>
      )}
    </span>
  );
}

/** Pushes in one state: live ones in their turn, ended ones the latest first. */
export function PushTable(props: Props) {
  const { rows, total, page, onPage } = props;
  const { t } = useTranslation();
  const labels = useLabels();
  const may = useRight()("pushes.settle");
  return (
    <div className="qd-history">
      <table>
        <thead>
          <tr>
            <th scope="col">{t("push.order")}</th>
            <th scope="col">{t("push.what")}</th>
            <th scope="col">{t("push.warehouse")}</th>
            <th scope="col">{t("push.stage")}</th>
            <th scope="col">{t("push.why")}</th>
            <th scope="col">{t("push.waitsSince")}</th>
            <th scope="col">{t("push.sentAt")}</th>
            <th scope="col" className="qd-right">
              {t("push.attempts")}
            </th>
            {may && <th scope="col">{t("push.do")}</th>}
          </tr>
        </thead>
        <tbody>
          {rows.map((push) => (
            <tr key={`${push.order_id} ${push.operation} ${push.revision}`}>
              <td>
                <Link to={`/orders?order=${push.order_id}`} className="qd-num">
                  {push.order_no}
                </Link>
                <div className="qd-muted">
                  {labels.value("channel", push.channel)} · {push.shop}
                </div>
              </td>
              <td>
                {push.urgent && push.operation === "create" && (
                  <span className="qd-tag qd-tier-urgent">
                    <FireFilled aria-hidden /> {t("push.urgent")}
                  </span>
                )}{" "}
                {t(`push.operation.${push.operation}`)}
                <div className="qd-muted qd-num">{push.number}</div>
              </td>
              <td>{push.destination ?? <span className="qd-muted">{t("push.noRoute")}</span>}</td>
              <td>
                <StageTag id={push.stage} />
              </td>
              <td>
                <Why push={push} />
              </td>
              <td>
                <Time at={push.created_at} />
              </td>
              <td>
                <Time at={push.sent_at} as="short" />
              </td>
              <td className="qd-right qd-num">{push.attempt}</td>
              {may && (
                <td>
                  <Choices {...props} push={push} />
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
      {total > SIZE && (
        <Pagination
          align="end"
          size="small"
          current={page}
          total={total}
          pageSize={SIZE}
          showSizeChanger={false}
          onChange={onPage}
        />
      )}
    </div>
  );
}
