import type { ExplainedRule } from "../../api/types";

export type Outcome = "pass" | "fail" | "hit" | "hold" | "unknown";

/**
 * What a rule's truth means for the order. A check must be true to pass; an exception or a hold must be
 * false; what can not be decided is never a pass.
 */
export function outcome(rule: Pick<ExplainedRule, "kind" | "result">): Outcome {
  if (rule.result === "unknown") return "unknown";
  if (rule.kind === "check") return rule.result === "true" ? "pass" : "fail";
  if (rule.result === "false") return "pass";
  return rule.kind === "hold" ? "hold" : "hit";
}

/** Kinds that decide about release; scope, tags and tiers are told elsewhere. */
const WEIGHT: Record<string, number> = { hold: 0, exception: 1, check: 2 };

/** Rules that decided or would have, the weightiest first, and those that let the order pass. */
export function split(rules: readonly ExplainedRule[]): {
  decisive: ExplainedRule[];
  passed: ExplainedRule[];
} {
  const shown = rules.filter((rule) => rule.kind in WEIGHT);
  const weight = (rule: ExplainedRule) => WEIGHT[rule.kind] ?? 0;
  return {
    decisive: shown
      .filter((rule) => outcome(rule) !== "pass" || rule.snoozed)
      .sort((a, b) => weight(a) - weight(b)),
    passed: shown.filter((rule) => outcome(rule) === "pass" && !rule.snoozed),
  };
}
