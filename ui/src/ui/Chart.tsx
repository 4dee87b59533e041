import { useEffect, useRef } from "react";
import type { ChartOption } from "./drawn";

interface Props {
  option: ChartOption;
  /** What the chart says, for who can not see it. */
  label: string;
  className?: string;
}

/** A chart; its library is fetched when the first one is shown. */
export function Chart({ option, label, className = "" }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const latest = useRef(option);
  const show = useRef<((next: ChartOption) => void) | null>(null);
  latest.current = option;
  useEffect(() => {
    let end: (() => void) | undefined;
    let left = false;
    void import("./drawn").then(({ draw }) => {
      if (left || !place.current) return;
      const made = draw(place.current);
      end = made.end;
      show.current = made.show;
      made.show(latest.current);
    });
    return () => {
      left = true;
      show.current = null;
      end?.();
    };
  }, []);
  useEffect(() => show.current?.(option), [option]);
  return <div ref={place} className={className} role="img" aria-label={label} />;
}
