import { useCallback, useState } from "react";
import { COLUMN_IDS, type ColumnId, DEFAULT_COLUMNS } from "./columns";

const KEY = "qingdan.orders.columns";

function read(): ColumnId[] {
  const saved = (localStorage.getItem(KEY) ?? "").split(",");
  const known = COLUMN_IDS.filter((id) => saved.includes(id));
  return known.length > 0 ? known : [...DEFAULT_COLUMNS];
}

/** Columns this browser shows; the order number always stays. */
export function useColumns(): [ColumnId[], (ids: readonly string[]) => void] {
  const [chosen, setChosen] = useState(read);
  const choose = useCallback((ids: readonly string[]) => {
    const next = COLUMN_IDS.filter((id) => id === "order_no" || ids.includes(id));
    localStorage.setItem(KEY, next.join(","));
    setChosen(next);
  }, []);
  return [chosen, choose];
}
