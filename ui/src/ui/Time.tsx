import { Tooltip } from "antd";
import { useTranslation } from "react-i18next";
import { usePreferences } from "../app/preferences";
import { useZone } from "../app/session";
import { absolute, duration, relative, short } from "./format";
import { useNow } from "./useNow";

interface Props {
  at: string | null;
  /** `relative`: 3 hours ago; `short`: 11-12 10:00; `both`: date and time, then how long ago. */
  as?: "relative" | "short" | "both";
}

/** A moment in the shop's zone; the full date and time on hover. */
export function Time({ at, as = "relative" }: Props) {
  const { language } = usePreferences();
  const zone = useZone();
  const now = useNow();
  if (at === null) return <span className="qd-muted">—</span>;
  const full = absolute(at, zone);
  const ago = relative(at, now, language);
  const shown = as === "short" ? short(at, zone, now) : as === "both" ? full.slice(0, 16) : ago;
  return (
    <Tooltip title={as === "relative" ? full : `${full} · ${ago}`}>
      <time dateTime={at} className="qd-num">
        {shown}
        {as === "both" && <span className="qd-muted"> {ago}</span>}
      </time>
    </Tooltip>
  );
}

interface DeadlineProps {
  at: string | null;
  /** The deadline no longer runs: shown as a date. */
  closed?: boolean;
  /** Only the length of time, where a heading says which way it counts. */
  bare?: boolean;
}

/** A deadline: how long is left, or in red by how much it has passed. */
export function Deadline({ at, closed = false, bare = false }: DeadlineProps) {
  const { t } = useTranslation();
  const { language } = usePreferences();
  const zone = useZone();
  const now = useNow();
  if (at === null) return <span className="qd-muted">—</span>;
  const full = absolute(at, zone);
  const left = new Date(at).getTime() - now.getTime();
  const length = duration(left, language);
  if (closed) return <Time at={at} as="short" />;
  const late = left < 0;
  const tone = late ? "qd-num qd-red" : left < 2 * 3_600_000 ? "qd-num qd-amber" : "qd-num";
  return (
    <Tooltip title={full}>
      <time dateTime={at} className={tone} style={late ? { fontWeight: 600 } : undefined}>
        {bare ? length : t(late ? "time.over" : "time.left", { length })}
      </time>
    </Tooltip>
  );
}
