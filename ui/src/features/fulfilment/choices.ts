import type { Action, Push, State } from "./api";

/** States in the order of a push's way, as the tabs show them. */
export const STATES: readonly State[] = ["ready", "sending", "unknown", "failed", "done", "cancelled"];

const CHOICES: Record<State, readonly Action[]> = {
  ready: ["cancel"],
  sending: ["cancel"],
  unknown: ["retry", "arrived", "resend", "cancel"],
  failed: ["retry", "resend", "cancel"],
  done: ["cancel", "resend"],
  cancelled: [],
};

/** What a person may do about a push; a stop can only be tried again. */
export function choices(push: Pick<Push, "state" | "operation">): readonly Action[] {
  if (push.operation === "cancel")
    return push.state === "failed" || push.state === "unknown" ? ["retry"] : [];
  return CHOICES[push.state];
}

/** Without a sign of life for so long no relay runs, in milliseconds. */
const SILENT = 15_000;

/** Whether a relay has looked after the destinations lately. */
export function relayRuns(checkedAt: string | null, now: Date): boolean {
  return checkedAt !== null && now.getTime() - new Date(checkedAt).getTime() < SILENT;
}
