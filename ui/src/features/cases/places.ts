import type { Fault } from "./api";

const QUOTED = /\u201c([^\u201d]*)\u201d/;

/** Ids of the steps of an SOP's source, in order. */
export function stepIds(source: string): string[] {
  const indent = /^( *)- /m.exec(source.slice(source.indexOf("steps:")))?.[1] ?? "  ";
  return [...source.matchAll(new RegExp(`^${indent}- +id: *([\\w-]+)`, "gm"))].map((found) => found[1] ?? "");
}

/** Line, from 1, that a fault is about: the one it names, else that of the step it names, else the first. */
export function lineOf(source: string, fault: Pick<Fault, "en">): number {
  const said = /\bline (\d+)/i.exec(fault.en)?.[1];
  if (said) return Number(said);
  const named = QUOTED.exec(fault.en)?.[1];
  if (!named) return 1;
  const lines = source.split("\n");
  const at = /^\d+$/.test(named)
    ? lines.map((line, number) => (/^ {0,2}- /.test(line) ? number : -1)).filter((n) => n >= 0)[
        Number(named) - 1
      ]
    : lines.findIndex((line) => /\bid: *["']?([\w-]+)/.exec(line)?.[1] === named);
  return at === undefined || at < 0 ? 1 : at + 1;
}
