import { ArrowDownOutlined, ArrowUpOutlined, DeleteOutlined } from "@ant-design/icons";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Button, Input, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { usePreferences } from "../../app/preferences";
import { count } from "../../ui/format";
import { Problem } from "../../ui/Problem";
import { type Row, warehouses } from "./warehouses";

interface Props {
  live: readonly Row[];
  names: readonly string[];
}

/** A row as it is edited; the key stays when rows change places. */
interface Draft extends Row {
  key: number;
}

let made = 0;
const drafts = (rows: readonly Row[]): Draft[] => rows.map((row) => ({ ...row, key: ++made }));

/** Which warehouse an order goes to: the first row that holds decides. Tried on today's orders before it counts. */
export function RoutingEditor({ live, names }: Props) {
  const { t } = useTranslation();
  const { language } = usePreferences();
  const client = useQueryClient();
  const [rows, setRows] = useState<Draft[]>(() =>
    drafts(live.length > 0 ? live : [{ when: "", to: names[0] ?? "" }]),
  );
  const table = rows.map(({ when, to }) => ({ when: when ?? "", to }));
  const dry = useMutation({ mutationFn: () => warehouses.dryRun(table) });
  const publish = useMutation({
    mutationFn: () => warehouses.publish(table),
    onSettled: () => {
      void client.invalidateQueries({ queryKey: ["pushes"] });
      return client.invalidateQueries({ queryKey: ["warehouses"] });
    },
  });
  const change = (next: Draft[]) => {
    setRows(next);
    dry.reset();
    publish.reset();
  };
  const edit = (place: number, said: Partial<Row>) =>
    change(rows.map((row, at) => (at === place ? { ...row, ...said } : row)));
  const move = (place: number, by: 1 | -1) => {
    const next = [...rows];
    const [row] = next.splice(place, 1);
    if (row) next.splice(place + by, 0, row);
    change(next);
  };
  const last = rows.length - 1;
  const whole = dry.data?.faults.filter((fault) => fault.row === 0) ?? [];
  return (
    <div className="qd-routing">
      <ol>
        {rows.map((row, place) => {
          const share = dry.data?.shares.find((one) => one.row === place + 1);
          const faults = dry.data?.faults.filter((fault) => fault.row === place + 1) ?? [];
          return (
            <li key={row.key}>
              <div className="qd-routing-row">
                {place === last ? (
                  <span className="qd-routing-else">{t("routing.else")}</span>
                ) : (
                  <Input
                    value={row.when ?? ""}
                    status={faults.length > 0 ? "error" : ""}
                    placeholder={t("routing.whenHint")}
                    aria-label={t("routing.when", { n: place + 1 })}
                    onChange={(event) => edit(place, { when: event.target.value })}
                  />
                )}
                <span aria-hidden>→</span>
                <Select
                  value={row.to || null}
                  aria-label={t("routing.to", { n: place + 1 })}
                  options={names.map((name) => ({ value: name, label: name }))}
                  onChange={(to) => edit(place, { to })}
                />
                <span className="qd-routing-tools">
                  <Button
                    size="small"
                    type="text"
                    icon={<ArrowUpOutlined aria-hidden />}
                    aria-label={t("routing.up")}
                    disabled={place === 0 || place === last}
                    onClick={() => move(place, -1)}
                  />
                  <Button
                    size="small"
                    type="text"
                    icon={<ArrowDownOutlined aria-hidden />}
                    aria-label={t("routing.down")}
                    disabled={place >= last - 1}
                    onClick={() => move(place, 1)}
                  />
                  <Button
                    size="small"
                    type="text"
                    danger
                    icon={<DeleteOutlined aria-hidden />}
                    aria-label={t("routing.drop")}
                    disabled={place === last}
                    onClick={() => change(rows.filter((_, at) => at !== place))}
                  />
                </span>
              </div>
              {faults.map((fault) => (
                <p key={fault.zh} className="qd-red">
                  {fault[language]}
                </p>
              ))}
              {share && (
                <p className="qd-muted">
                  {t("routing.share", { released: count(share.released), reviewed: count(share.reviewed) })}{" "}
                  {share.examples.map((one) => (
                    <Link
                      key={one.order_id}
                      to={`/orders?order=${one.order_id}`}
                      className="qd-num qd-routing-one"
                    >
                      {one.order_no}
                    </Link>
                  ))}
                </p>
              )}
            </li>
          );
        })}
      </ol>
      {whole.map((fault) => (
        <p key={fault.zh} className="qd-red">
          {fault[language]}
        </p>
      ))}
      {dry.isError && <Problem error={dry.error} />}
      {publish.isError && <Problem error={publish.error} />}
      <div className="qd-routing-verbs">
        <Button
          size="small"
          onClick={() =>
            change([...rows.slice(0, -1), ...drafts([{ when: "", to: names[0] ?? "" }]), ...rows.slice(-1)])
          }
        >
          {t("routing.add")}
        </Button>
        <Button size="small" loading={dry.isPending} onClick={() => dry.mutate()}>
          {t("routing.dryRun")}
        </Button>
        <Button size="small" type="primary" loading={publish.isPending} onClick={() => publish.mutate()}>
          {t("routing.publish")}
        </Button>
        {publish.isSuccess && <span className="qd-muted">{t("routing.published")}</span>}
      </div>
    </div>
  );
}
