import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import { api } from "../api";
import type { Session } from "../api/types";

export const SESSION_KEY = ["session"] as const;

/** Who is logged in, and what they may do. */
export function useSession() {
  return useQuery({
    queryKey: SESSION_KEY,
    queryFn: ({ signal }) => api.session(signal),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/** Tells whether the logged-in person holds a right; the server checks again. */
export function useRight(): (right: string) => boolean {
  const { data } = useSession();
  const rights = data?.rights;
  return useCallback((right) => rights?.includes(right) ?? false, [rights]);
}

/** Zone that times are shown in. */
export function useZone(): string {
  return useSession().data?.zone ?? "Asia/Shanghai";
}

/** Replaces the session after login or logout; what the last person saw leaves the cache with them. */
export function useSetSession(): (session: Session) => void {
  const client = useQueryClient();
  return useCallback(
    (session) => {
      client.removeQueries({ predicate: (query) => query.queryKey[0] !== SESSION_KEY[0] });
      client.setQueryData(SESSION_KEY, session);
    },
    [client],
  );
}
