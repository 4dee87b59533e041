import { useTranslation } from "react-i18next";
import { count } from "../../../ui/format";
import type { Found } from "./api";

const PARTS = ["earlier", "later"] as const;

/** Which decisions were searched, and which ones only proved. */
export function Evidence({ found }: { found: Found }) {
  const { t } = useTranslation();
  if (found.decisions === 0) return null;
  return (
    <dl className="qd-suggest-parts">
      {PARTS.filter((part) => found[part].n > 0).map((part) => (
        <div key={part}>
          <dt>{t(`studio.suggest.part.${part}`)}</dt>
          <dd>
            <span className="qd-num">
              {found[part].first} – {found[part].last}
            </span>{" "}
            {t("studio.suggest.part.counts", { n: count(found[part].n), bad: count(found[part].bad) })}
          </dd>
        </div>
      ))}
    </dl>
  );
}
