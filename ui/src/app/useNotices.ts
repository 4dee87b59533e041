import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api } from "../api";

const KEY = ["notices"];

/** The person's unread notices, kept fresh, and the marking of them as read. How they arrive is known here alone. */
export function useNotices() {
  const client = useQueryClient();
  const unread = useQuery({
    queryKey: KEY,
    queryFn: ({ signal }) => api.notices(signal),
    refetchOnWindowFocus: true,
  });
  const read = useMutation({
    mutationFn: (id: string | null) => api.readNotices(id === null ? [] : [id], id === null),
    onSuccess: (left) => client.setQueryData(KEY, left),
  });
  return {
    rows: unread.data?.rows ?? [],
    total: unread.data?.total ?? 0,
    readOne: (id: string) => read.mutate(id),
    readAll: () => read.mutate(null),
  };
}
