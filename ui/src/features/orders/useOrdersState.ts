import { useCallback, useMemo } from "react";
import { useSearchParams } from "react-router";
import { type Filters, type OrdersState, parse, write } from "./query";

/** The page's state, kept in the address: it can be shared, reloaded and walked back. */
export function useOrdersState() {
  const [params, setParams] = useSearchParams();
  const state = useMemo(() => parse(params), [params]);

  const change = useCallback(
    (part: Partial<OrdersState>, replace = false) =>
      setParams((old) => write({ ...parse(old), ...part }), { replace }),
    [setParams],
  );
  /** Changes filters; a narrower list starts at its first page. */
  const filter = useCallback(
    (part: Partial<Filters>) =>
      setParams((old) => {
        const now = parse(old);
        return write({ ...now, filters: { ...now.filters, ...part }, page: 1, open: null });
      }),
    [setParams],
  );
  return { state, change, filter };
}
