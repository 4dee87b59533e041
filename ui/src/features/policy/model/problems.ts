import type { PolicyProblem } from "../api";
import type { Path } from "./form";

const starts = (path: Path, prefix: Path) => prefix.every((step, at) => path[at] === step);

/** Problems of one part of a policy. */
export const problemsAt = (problems: readonly PolicyProblem[], prefix: Path): PolicyProblem[] =>
  problems.filter((problem) => starts(problem.path, prefix));

export const isError = (problem: PolicyProblem): boolean => problem.severity === "error";
