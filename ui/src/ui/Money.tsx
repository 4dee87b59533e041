import { money } from "./format";

/** Fen as yuan; a dash when the amount is not known. */
export function Money({ fen }: { fen: number | null }) {
  return <span className="qd-num">{fen === null ? "—" : money(fen)}</span>;
}
