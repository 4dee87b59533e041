/** Only paths of our own: an address from outside must not send a person elsewhere after login. */
export function safeNext(next: string | null): string {
  return next?.startsWith("/") && !next.startsWith("//") && !next.includes("\\") ? next : "/board";
}
