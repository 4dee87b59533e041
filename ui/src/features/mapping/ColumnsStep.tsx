import { Checkbox, Input, InputNumber, Segmented, Select, Tooltip } from "antd";
import { useTranslation } from "react-i18next";
import { useLabels } from "../../app/catalogue";
import { usePreferences } from "../../app/preferences";
import { percent } from "../../ui/format";
import type { Chosen, Column, Draft, Fields, Look } from "./api";
import { assign, LEFT_OUT, options, sureness, withSums } from "./draft";

interface Props {
  look: Look;
  fields: Fields | undefined;
  draft: Draft;
  onDraft: (draft: Draft) => void;
  onLook: (chosen: Chosen) => void;
}

function Sure({ column, field }: { column: Column; field: string }) {
  const { t } = useTranslation();
  const how = sureness(column, field);
  const why = how === "chosen" ? [] : (column.guess?.why ?? []).map((reason) => t(`mapping.why.${reason}`));
  const share = column.guess ? percent(Math.round(column.guess.confidence * 100), 100) : "";
  return (
    <Tooltip title={why.join(t("mapping.and"))}>
      <span className={`qd-tag qd-sure qd-sure-${how}`} data-sure={how}>
        {t(`mapping.sure.${how}`)}
        {how !== "chosen" && <span className="qd-num"> {share.replace(".0%", "%")}</span>}
      </span>
    </Tooltip>
  );
}

function Head({
  column,
  fields,
  draft,
  onDraft,
}: Pick<Props, "fields" | "draft" | "onDraft"> & { column: Column }) {
  const { t } = useTranslation();
  const { language } = usePreferences();
  const field = draft.columns[String(column.position)] ?? LEFT_OUT;
  const taken = new Set(Object.values(draft.columns));
  const groups = options(fields, language).map((group) => ({
    ...group,
    options: group.options.map((option) => ({
      ...option,
      label: taken.has(option.value) && option.value !== field ? `${option.label} ·` : option.label,
    })),
  }));
  return (
    <th scope="col" className={field === LEFT_OUT ? "qd-map-left" : undefined} data-column={column.title}>
      <div className="qd-map-title qd-ellipsis" title={column.title}>
        {column.title}
      </div>
      <Select
        size="small"
        aria-label={t("mapping.meansOf", { title: column.title })}
        value={field}
        showSearch={{ optionFilterProp: "label" }}
        popupMatchSelectWidth={260}
        options={[{ label: t("mapping.leftOut"), value: LEFT_OUT }, ...groups]}
        onChange={(value: string) => onDraft(assign(draft, column.position, value))}
      />
      <div className="qd-map-sure">
        {field === LEFT_OUT ? (
          <span className="qd-muted">{t("mapping.notRead")}</span>
        ) : (
          <Sure column={column} field={field} />
        )}
      </div>
    </th>
  );
}

function Settings({ look, draft, onDraft, onLook }: Omit<Props, "fields">) {
  const { t } = useTranslation();
  const labels = useLabels();
  const hasPlatforms = Object.values(draft.columns).includes("platform_text");
  const channels = labels.options({ field: "channel" });
  const several = { value: "several", label: t("mapping.several"), disabled: !hasPlatforms };
  const line = draft.rows === "line";
  return (
    <div className="qd-map-settings">
      {look.tables.length > 1 && (
        <div className="qd-map-field">
          <span>{t("mapping.table")}</span>
          <Select
            aria-label={t("mapping.table")}
            className="qd-map-table"
            value={look.inner}
            options={look.tables.map((name) => ({
              value: name,
              label: name.split(" › ").slice(1).join(" › "),
            }))}
            onChange={(inner: string) => onLook({ inner })}
          />
        </div>
      )}
      {look.sheets.length > 1 && (
        <div className="qd-map-field">
          <span>{t("mapping.sheet")}</span>
          <Select
            aria-label={t("mapping.sheet")}
            value={look.sheet}
            options={look.sheets.map((name) => ({ value: name, label: name }))}
            onChange={(sheet: string) => onLook({ inner: look.inner, sheet })}
          />
        </div>
      )}
      <div className="qd-map-field">
        <span>{t("mapping.headerRow")}</span>
        <InputNumber
          aria-label={t("mapping.headerRow")}
          className="qd-map-row"
          min={1}
          max={20}
          value={look.header + 1}
          onChange={(row) => row && onLook({ inner: look.inner, sheet: look.sheet, header: row - 1 })}
        />
      </div>
      <div className="qd-map-field">
        <span>{t("mapping.platform")}</span>
        <Select
          aria-label={t("mapping.platform")}
          value={draft.channel}
          className="qd-map-platform"
          options={[...channels, several]}
          onChange={(channel: string) => onDraft({ ...draft, channel })}
        />
      </div>
      <div className="qd-map-field">
        <span>{t("mapping.shop")}</span>
        <Input
          aria-label={t("mapping.shop")}
          className="qd-map-shop"
          maxLength={100}
          value={draft.shop}
          placeholder={t("mapping.shopHint")}
          onChange={(event) => onDraft({ ...draft, shop: event.target.value })}
        />
      </div>
      <div className="qd-map-field">
        <span>{t("mapping.rows")}</span>
        <Segmented<"order" | "line">
          aria-label={t("mapping.rows")}
          value={draft.rows}
          options={[
            { value: "order", label: t("mapping.rowOrder") },
            { value: "line", label: t("mapping.rowLine") },
          ]}
          onChange={(rows) => onDraft({ ...draft, rows })}
        />
      </div>
      {line && (
        <div className="qd-map-field">
          <span>{t("mapping.amounts")}</span>
          <Segmented
            aria-label={t("mapping.amounts")}
            value={draft.summed.length > 0 ? "add" : "same"}
            options={[
              { value: "same", label: t("mapping.amountsSame") },
              { value: "add", label: t("mapping.amountsAdd") },
            ]}
            onChange={(how) => onDraft(withSums(draft, how === "add"))}
          />
        </div>
      )}
      {line && (
        <Checkbox
          checked={draft.carried}
          onChange={(event) => onDraft({ ...draft, carried: event.target.checked })}
        >
          {t("mapping.carried")}
        </Checkbox>
      )}
    </div>
  );
}

/** What each column holds, on the first rows of the file. */
export function ColumnsStep(props: Props) {
  const { look, draft, fields, onDraft } = props;
  const { t } = useTranslation();
  return (
    <>
      <Settings {...props} />
      <div className="qd-map-sheet" data-testid="mapping-columns">
        <table>
          <thead>
            <tr>
              <th scope="col" className="qd-map-number">
                {t("mapping.row")}
              </th>
              {look.columns.map((column) => (
                <Head key={column.position} column={column} fields={fields} draft={draft} onDraft={onDraft} />
              ))}
            </tr>
          </thead>
          <tbody>
            {look.preview.map((row) => (
              <tr key={row.row}>
                <td className="qd-map-number qd-muted qd-num">{row.row}</td>
                {look.columns.map((column) => (
                  <td
                    key={column.position}
                    className={draft.columns[String(column.position)] ? undefined : "qd-map-left"}
                    title={row.cells[String(column.position)]}
                  >
                    {row.cells[String(column.position)]}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p className="qd-muted qd-map-note">{t("mapping.previewNote")}</p>
    </>
  );
}
