import { Input } from "antd";
import { useTranslation } from "react-i18next";
import { useSave } from "../people/useSave";
import { alerts, OUTLET_KINDS, type Reach } from "./api";

/** How each colleague is called by name in the groups, and her mail address; saved when a field is left. */
export function ReachTable({ rows }: { rows: readonly Reach[] }) {
  const { t } = useTranslation();
  const save = useSave(alerts.saveReach);
  const put = (row: Reach, part: Partial<Reach>) => {
    const { name: _, ...rest } = row;
    save.mutate({ ...rest, ...part });
  };
  return (
    <section className="qd-panel qd-alerts" aria-label={t("alerts.tab.reach")}>
      <div className="qd-history">
        <table data-testid="reach" className="qd-reach">
          <thead>
            <tr>
              <th scope="col">{t("people.roster.person")}</th>
              {OUTLET_KINDS.map((kind) => (
                <th key={kind} scope="col">
                  {t(`alerts.reach.${kind}`)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.user_id}>
                <th scope="row">{row.name}</th>
                {OUTLET_KINDS.map((kind) => (
                  <td key={kind}>
                    <Input
                      key={row[kind]}
                      defaultValue={row[kind]}
                      maxLength={254}
                      aria-label={`${row.name} ${t(`alerts.reach.${kind}`)}`}
                      onPressEnter={(event) => event.currentTarget.blur()}
                      onBlur={(event) => {
                        const value = event.target.value.trim();
                        if (value !== row[kind]) put(row, { [kind]: value });
                      }}
                    />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
