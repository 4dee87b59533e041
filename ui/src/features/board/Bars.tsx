import type { ReactNode } from "react";
import { Link } from "react-router";
import { count, percent } from "../../ui/format";

export interface Bar {
  id: string;
  label: ReactNode;
  count: number;
  to: string;
  mark?: string;
}

/** Counts as a ranked list of bars, each row a link to its orders. */
export function Bars({ bars, whole, label }: { bars: readonly Bar[]; whole: number; label: string }) {
  const largest = Math.max(1, ...bars.map((bar) => bar.count));
  return (
    <ul className="qd-bars" aria-label={label}>
      {bars.map((bar) => (
        <li key={bar.id}>
          <Link to={bar.to}>
            <span className="qd-bar-label">{bar.label}</span>
            <span className="qd-bar-track" aria-hidden>
              <i
                style={{
                  width: `${(bar.count / largest) * 100}%`,
                  background: bar.mark ?? "var(--qd-heat-3)",
                }}
              />
            </span>
            <b className="qd-num">{count(bar.count)}</b>
            <span className="qd-num qd-muted">{percent(bar.count, whole)}</span>
          </Link>
        </li>
      ))}
    </ul>
  );
}
