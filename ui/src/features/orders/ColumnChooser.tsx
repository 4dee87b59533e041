import { TableOutlined } from "@ant-design/icons";
import { Button, Checkbox, Popover } from "antd";
import { useTranslation } from "react-i18next";
import { COLUMN_IDS, type ColumnId, DEFAULT_COLUMNS } from "./columns";

interface Props {
  chosen: readonly ColumnId[];
  onChoose: (ids: readonly string[]) => void;
}

export function ColumnChooser({ chosen, onChoose }: Props) {
  const { t } = useTranslation();
  const content = (
    <div className="qd-columns">
      <Checkbox.Group
        value={[...chosen]}
        onChange={(ids) => onChoose(ids)}
        options={COLUMN_IDS.map((id) => ({
          value: id,
          label: t(`column.${id}`),
          disabled: id === "order_no",
        }))}
      />
      <Button size="small" onClick={() => onChoose(DEFAULT_COLUMNS)}>
        {t("columns.reset")}
      </Button>
    </div>
  );
  return (
    <Popover trigger="click" placement="bottomRight" content={content}>
      <Button icon={<TableOutlined aria-hidden />}>{t("columns.title")}</Button>
    </Popover>
  );
}
