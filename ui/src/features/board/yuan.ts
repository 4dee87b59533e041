/** `1234567` fen → `¥12,346`: whole yuan, for sums whose fen nobody reads; `<¥1` rather than a false zero. */
export function yuan(fen: number): string {
  if (fen > 0 && fen < 100) return "<¥1";
  return `¥${Math.round(fen / 100).toLocaleString("en-US")}`;
}
