import { Link } from "react-router";
import { count } from "./format";

interface Props {
  n: number;
  /** Orders page with the filter that gives exactly these orders. */
  to?: string | undefined;
  label?: string;
  className?: string;
}

/** A figure that opens the orders behind it. */
export function Count({ n, to, label, className = "" }: Props) {
  const name = `qd-num qd-count ${className}`;
  if (!to) return <span className={name}>{count(n)}</span>;
  return (
    <Link className={name} to={to} aria-label={label ? `${label} ${count(n)}` : undefined}>
      {count(n)}
    </Link>
  );
}
