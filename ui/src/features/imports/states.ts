import type { ImportJob, ImportState } from "../../api/types";

const RUNNING: ReadonlySet<ImportState> = new Set(["queued", "reading", "storing"]);

/** Whether an import is still on its way. */
export function running(state: ImportState): boolean {
  return RUNNING.has(state);
}

/** Whether an import is being undone. */
export function undoing(job: ImportJob): boolean {
  return job.undoing !== null && job.undoing.problem === null && job.state !== "undone";
}

export const ACCEPTED = [".csv", ".xlsx", ".xls", ".zip"];

/** Splits dropped files into those we read and those we do not, by how the name ends. */
export function sortOut(files: readonly File[]): { taken: File[]; left: File[] } {
  const taken: File[] = [];
  const left: File[] = [];
  for (const file of files) {
    const name = file.name.toLowerCase();
    (ACCEPTED.some((end) => name.endsWith(end)) ? taken : left).push(file);
  }
  return { taken, left };
}
