import { money } from "../../ui/format";

/** A difference: too much with a plus, too little in red with a minus. */
export function Signed({ fen }: { fen: number }) {
  const tone = fen < 0 ? "qd-red" : fen > 0 ? "qd-amber" : "qd-muted";
  return <span className={`qd-num ${tone}`}>{fen > 0 ? `+${money(fen)}` : money(fen)}</span>;
}
