import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useLabels } from "../../app/catalogue";
import { count } from "../../ui/format";
import { insights } from "./api";
import type { Editor } from "./editor/useEditor";

const SHOWN = 5;

/** Which single rule, if met, frees the most waiting orders, with what they miss. */
export function Levers({ editor }: { editor: Editor }) {
  const { t } = useTranslation();
  const labels = useLabels();
  const { source, pending, checked } = editor;
  const asked = useQuery({
    queryKey: ["levers", source],
    queryFn: ({ signal }) => insights.levers(source, signal),
    enabled: checked.ok && !pending,
    staleTime: 30_000,
    retry: false,
  });
  const rows = (asked.data ?? []).filter((one) => one.frees > 0).slice(0, SHOWN);
  if (rows.length === 0) return null;
  return (
    <section data-testid="levers">
      <h3>{t("studio.impact.levers")}</h3>
      <ul className="qd-moves">
        {rows.map((one) => (
          <li key={one.id}>
            <p className="qd-move">
              <span>{labels.say(one.title)}</span>
              <b className="qd-num">{t("studio.bt.frees", { n: count(one.frees) })}</b>
            </p>
            {one.misses[0] && <p className="qd-muted qd-lever-miss">{labels.say(one.misses[0].text)}</p>}
          </li>
        ))}
      </ul>
    </section>
  );
}
