import { useQuery } from "@tanstack/react-query";
import { useCallback } from "react";
import { useLabels } from "../../app/catalogue";
import { cases } from "./api";

/** Types of cases and root causes, with their names in the language of the page. */
export function useSetup() {
  const labels = useLabels();
  const { data } = useQuery({
    queryKey: ["cases", "setup"],
    queryFn: ({ signal }) => cases.setup(signal),
    staleTime: 5 * 60_000,
  });
  const { say } = labels;
  const type = useCallback(
    (key: string | null) => say(data?.types.find((one) => one.key === key)?.title) || (key ?? ""),
    [data, say],
  );
  const cause = useCallback(
    (key: string | null) => say(data?.causes.find((one) => one.key === key)) || (key ?? ""),
    [data, say],
  );
  return { types: data?.types ?? [], causes: data?.causes ?? [], type, cause, labels };
}
