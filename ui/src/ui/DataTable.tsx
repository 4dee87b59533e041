import { Table, type TableColumnsType } from "antd";
import { type KeyboardEvent, type ReactNode, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { count } from "./format";
import "./data-table.css";

export interface TableState {
  page: number;
  size: number;
  /** Field id, with a leading minus for descending. */
  sort: string;
}

interface Props<Row extends { id: number | string }> {
  label: string;
  columns: TableColumnsType<Row>;
  rows: readonly Row[];
  total: number;
  state: TableState;
  onState: (change: Partial<TableState>) => void;
  loading: boolean;
  empty: ReactNode;
  /** The row that is open or under the keyboard. */
  active?: Row["id"] | null;
  onOpen?: (row: Row) => void;
  onMove?: (step: 1 | -1) => void;
  rowClass?: (row: Row) => string;
}

export const SIZES = [20, 50, 100, 200];

/** A server-side table: the page, size and order belong to the address, the rows to the server. */
export function DataTable<Row extends { id: number | string }>(props: Props<Row>) {
  const { t } = useTranslation();
  const { columns, rows, total, state, onState, active, onOpen, onMove, rowClass } = props;
  const sorted = useMemo(() => {
    const descending = state.sort.startsWith("-");
    const field = descending ? state.sort.slice(1) : state.sort;
    return columns.map((column) =>
      "sorter" in column && column.sorter
        ? { ...column, sortOrder: column.key === field ? (descending ? "descend" : "ascend") : null }
        : column,
    ) as TableColumnsType<Row>;
  }, [columns, state.sort]);

  const tabStop = rows.some((row) => row.id === active) ? active : rows[0]?.id;
  const onKeyDown = (event: KeyboardEvent, row: Row) => {
    if (event.target !== event.currentTarget) return;
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      onOpen?.(row);
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      onMove?.(event.key === "ArrowDown" ? 1 : -1);
    }
  };

  return (
    <Table<Row>
      className="qd-table"
      aria-label={props.label}
      size="small"
      rowKey="id"
      columns={sorted}
      dataSource={rows}
      loading={props.loading}
      sticky
      scroll={{ x: "max-content" }}
      showSorterTooltip={false}
      sortDirections={["descend", "ascend", "descend"]}
      locale={{ emptyText: props.empty }}
      rowClassName={(row) => `${row.id === active ? "qd-row-active" : ""} ${rowClass?.(row) ?? ""}`}
      onRow={(row) => ({
        tabIndex: row.id === tabStop ? 0 : -1,
        "data-id": row.id,
        "aria-current": row.id === active ? "true" : undefined,
        onClick: () => onOpen?.(row),
        onKeyDown: (event) => onKeyDown(event, row),
      })}
      onChange={(_page, _filters, sorter, { action }) => {
        if (action !== "sort" || Array.isArray(sorter) || !sorter.columnKey) return;
        onState({ sort: `${sorter.order === "ascend" ? "" : "-"}${String(sorter.columnKey)}`, page: 1 });
      }}
      pagination={
        total === 0
          ? false
          : {
              current: state.page,
              pageSize: state.size,
              total,
              showSizeChanger: true,
              pageSizeOptions: SIZES,
              showTotal: (all, [from, to]) =>
                t("table.range", { from: count(from), to: count(to), total: count(all) }),
              onChange: (page, size) => onState(size === state.size ? { page } : { size, page: 1 }),
            }
      }
    />
  );
}
