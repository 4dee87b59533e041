import type { PolicyProblem } from "../api";
import { isError } from "../model/problems";
import { TEXT } from "../model/query";
import type { Value } from "../model/tree";

/**
 * Which value of a condition the server means: where picking makes mistakes impossible, only what was typed freely
 * can be wrong.
 */
export function suspectOf(
  problems: readonly PolicyProblem[],
): ((field: string, value: Value) => boolean) | undefined {
  const wrong = problems.filter((one) => isError(one) && one.path.includes("condition"));
  if (wrong.length === 0) return undefined;
  const lists = wrong.some((one) => one.code === "unknown_words");
  return (field, value) => (lists ? value.type === "words" : field === TEXT || value.type === "text");
}
