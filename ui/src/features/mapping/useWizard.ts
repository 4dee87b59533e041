import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { type Check, type Chosen, type Draft, mappings, type Place } from "./api";

const PAUSE = 450;
const WATCH = 700;

/** The table as the server sees it; another table, sheet or header row is another look. */
export function useLook(place: Place, chosen: Chosen) {
  return useQuery({
    queryKey: ["mapping", "look", place, chosen],
    queryFn: ({ signal }) => mappings.look(place, chosen, signal),
    staleTime: Number.POSITIVE_INFINITY,
    placeholderData: keepPreviousData,
    retry: false,
  });
}

function useSettled<T>(value: T): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), PAUSE);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}

export interface Checked {
  /** What the last draft that was checked makes of the file. */
  check: Check | undefined;
  /** The figures belong to an earlier draft, or are on their way. */
  stale: boolean;
  error: unknown;
}

/**
 * What a draft makes of the whole file, asked again after every change; a large file is only checked when `wanted`,
 * in the background.
 */
export function useCheck(place: Place, draft: Draft | null, wanted: boolean): Checked {
  const settled = useSettled(draft);
  const started = useQuery({
    queryKey: ["mapping", "check", place, settled],
    queryFn: ({ signal }) => mappings.check(place, settled as Draft, signal),
    enabled: wanted && settled !== null && Object.values(settled.columns).includes("order_no"),
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
  const id = started.data?.id ?? null;
  const watched = useQuery({
    queryKey: ["mapping", "checked", id],
    queryFn: ({ signal }) => mappings.checked(id as number, signal),
    enabled: id !== null,
    placeholderData: keepPreviousData,
    refetchInterval: (query) =>
      query.state.data && ["done", "failed"].includes(query.state.data.state) ? false : WATCH,
  });
  const check = id === null ? started.data : watched.data;
  const waiting = check !== undefined && !["done", "failed"].includes(check.state);
  return {
    check,
    stale: settled !== draft || started.isFetching || started.isPlaceholderData || waiting,
    error: started.error ?? watched.error,
  };
}
