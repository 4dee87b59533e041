import { Dropdown, type MenuProps, Popconfirm } from "antd";
import type { KeyboardEvent } from "react";
import { useTranslation } from "react-i18next";
import { useZone } from "../../app/session";
import { absolute } from "../../ui/format";
import { type Cell, type CellIn, hours, type Leave, people, type Roster, type Row, type Shift } from "./api";
import { useSave } from "./useSave";

interface Props {
  roster: Roster;
  shifts: readonly Shift[];
  edits: boolean;
  busy: boolean;
  onWrite: (cell: CellIn) => void;
  onLeave: (row: Row, day: string) => void;
}

const STEPS: Record<string, [number, number]> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};

/** Arrow keys walk the grid; Enter opens a cell. */
function walk(event: KeyboardEvent<HTMLTableElement>) {
  const step = STEPS[event.key];
  const at = (event.target as HTMLElement).closest<HTMLElement>("[data-cell]")?.dataset.cell;
  if (!step || !at || event.nativeEvent.isComposing) return;
  const [row = 0, column = 0] = at.split(":").map(Number);
  const next = event.currentTarget.querySelector<HTMLElement>(
    `[data-cell="${row + step[0]}:${column + step[1]}"]`,
  );
  if (!next) return;
  event.preventDefault();
  next.focus();
}

/** The week as a grid of people and days. */
export function RosterGrid({ roster, shifts, edits, busy, onWrite, onLeave }: Props) {
  const { t } = useTranslation();
  const leaves = new Map(roster.leaves.map((leave) => [leave.id, leave]));
  const menu = (row: Row, cell: Cell): MenuProps => ({
    items: [
      { key: "calendar", label: t("people.roster.asCalendar") },
      ...shifts.map((shift) => ({
        key: String(shift.id),
        label: (
          <span className="qd-shift-option">
            {shift.name} <span className="qd-muted">{shift.spans.join(" ") || t("people.roster.off")}</span>
          </span>
        ),
      })),
      { key: "off", label: t("people.roster.off") },
      { type: "divider" as const },
      { key: "leave", label: t("people.leave.add") },
    ],
    selectable: true,
    selectedKeys: [cell.from_calendar ? "calendar" : cell.shift_id !== null ? String(cell.shift_id) : ""],
    onClick: ({ key }) => {
      const at = { member_id: row.member_id, day: cell.day };
      if (key === "leave") onLeave(row, cell.day);
      else if (key === "calendar") onWrite({ ...at, shift_id: null, spans: null });
      else if (key === "off") onWrite({ ...at, shift_id: null, spans: [] });
      else onWrite({ ...at, shift_id: Number(key), spans: null });
    },
  });
  const covered = roster.days.map((_, column) =>
    roster.members.reduce((sum, row) => sum + ((row.cells[column]?.minutes ?? 0) > 0 ? 1 : 0), 0),
  );
  return (
    <div className="qd-roster-scroll">
      <table className="qd-roster-grid" data-testid="roster" aria-busy={busy} onKeyDown={walk}>
        <thead>
          <tr>
            <th scope="col">{t("people.roster.person")}</th>
            {roster.days.map((day, column) => (
              <th key={day.day} scope="col" className={column > 4 ? "qd-weekend" : ""}>
                <span>
                  {t(`people.weekday.${column}`)} <span className="qd-num">{day.day.slice(5)}</span>
                </span>
                {day.kind !== "" && (
                  <span className={`qd-tag qd-day-${day.kind}`}>
                    {day.name}
                    {day.kind === "make_up" && t("people.roster.makeUp")}
                  </span>
                )}
              </th>
            ))}
            <th scope="col" className="qd-right">
              {t("people.roster.hours")}
            </th>
          </tr>
        </thead>
        <tbody>
          {roster.members.map((row, index) => (
            <tr key={row.member_id}>
              <th scope="row">
                <span className="qd-ellipsis">{row.name}</span>
                {!row.active && <span className="qd-tag">{t("people.users.off")}</span>}
              </th>
              {row.cells.map((cell, column) => (
                <td key={cell.day} className={column > 4 ? "qd-weekend" : ""}>
                  <CellButton
                    at={`${index}:${column}`}
                    cell={cell}
                    name={row.name}
                    shifts={shifts}
                    leaves={cell.leave.flatMap((id) => leaves.get(id) ?? [])}
                    menu={edits ? menu(row, cell) : null}
                  />
                </td>
              ))}
              <td className="qd-right qd-num">
                {hours(row.cells.reduce((sum, cell) => sum + cell.minutes, 0))}
              </td>
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row">{t("people.roster.covered")}</th>
            {covered.map((n, column) => (
              <td key={roster.days[column]?.day} className={`qd-num ${n === 0 ? "qd-amber" : ""}`}>
                {t("people.roster.heads", { n })}
              </td>
            ))}
            <td />
          </tr>
        </tfoot>
      </table>
    </div>
  );
}

interface CellProps {
  at: string;
  cell: Cell;
  name: string;
  shifts: readonly Shift[];
  leaves: readonly Leave[];
  menu: MenuProps | null;
}

function CellButton({ at, cell, name, shifts, leaves, menu }: CellProps) {
  const { t } = useTranslation();
  const zone = useZone();
  const drop = useSave((id: number) => people.dropLeave(id));
  const shift = shifts.find((one) => one.id === cell.shift_id);
  const tone = cell.spans.length === 0 ? "off" : cell.from_calendar ? "usual" : "own";
  const body = (
    <>
      {shift && <b>{shift.name}</b>}
      {cell.spans.length === 0
        ? !shift && <span>{t("people.roster.off")}</span>
        : cell.spans.map((span) => (
            <span key={span} className="qd-num">
              {span}
            </span>
          ))}
    </>
  );
  return (
    <div className="qd-roster-cell">
      {menu ? (
        <Dropdown trigger={["click"]} menu={menu}>
          <button
            type="button"
            data-cell={at}
            className={`qd-cell-button qd-cell-${tone}`}
            aria-haspopup="menu"
          >
            <span className="qd-visually-hidden">
              {name} {cell.day}
            </span>
            {body}
          </button>
        </Dropdown>
      ) : (
        <div className={`qd-cell-button qd-cell-${tone}`}>{body}</div>
      )}
      {leaves.map((leave) => {
        const text = t(`people.leave.kind.${leave.kind}`);
        const span = `${absolute(leave.begins_at, zone).slice(5, 16)} – ${absolute(leave.ends_at, zone).slice(5, 16)}`;
        return menu ? (
          <Popconfirm
            key={leave.id}
            title={t("people.leave.dropTitle", { name })}
            description={`${text} ${span} ${leave.note}`}
            okText={t("people.leave.drop")}
            onConfirm={() => drop.mutate(leave.id)}
          >
            <button type="button" className="qd-tag qd-leave" title={span}>
              {text}
            </button>
          </Popconfirm>
        ) : (
          <span key={leave.id} className="qd-tag qd-leave" title={span}>
            {text}
          </span>
        );
      })}
    </div>
  );
}
