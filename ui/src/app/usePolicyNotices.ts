import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { policyNotices } from "../features/policy/api";

const KEY = ["policy-notices"];

/** What a policy's owner is told, as that a check was paused. */
export function usePolicyNotices() {
  const client = useQueryClient();
  const unread = useQuery({
    queryKey: KEY,
    queryFn: ({ signal }) => policyNotices.unread(signal),
    refetchOnWindowFocus: true,
    refetchInterval: 60_000,
  });
  const read = useMutation({
    mutationFn: policyNotices.read,
    onSuccess: () => client.invalidateQueries({ queryKey: KEY }),
  });
  return { rows: unread.data ?? [], read: (ids: number[]) => ids.length > 0 && read.mutate(ids) };
}
