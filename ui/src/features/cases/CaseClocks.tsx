import { CheckOutlined, PauseOutlined } from "@ant-design/icons";
import { useTranslation } from "react-i18next";
import { usePreferences } from "../../app/preferences";
import { duration } from "../../ui/format";
import { Time } from "../../ui/Time";
import type { CaseClock } from "./api";

/** The clocks of a case: what is left of the working time, where one stands still, and which were met. */
export function CaseClocks({ clocks }: { clocks: readonly CaseClock[] }) {
  const { t } = useTranslation();
  const { language } = usePreferences();
  return (
    <dl className="qd-clocks">
      {clocks.map((clock) => {
        const tone = clock.met_at ? "" : clock.late ? "qd-red" : clock.left_seconds < 3_600 ? "qd-amber" : "";
        return (
          <div key={clock.clock} data-clock={clock.clock}>
            <dt>{t(`cases.clock.${clock.clock}`)}</dt>
            <dd className={tone}>
              {clock.met_at ? (
                <>
                  <CheckOutlined aria-hidden className="qd-clock-met" /> <Time at={clock.met_at} as="short" />
                </>
              ) : (
                <>
                  {clock.paused && <PauseOutlined aria-label={t("cases.paused")} />}{" "}
                  {t(clock.left_seconds < 0 ? "time.over" : "time.left", {
                    length: duration(Math.abs(clock.left_seconds) * 1_000, language),
                  })}
                </>
              )}
            </dd>
          </div>
        );
      })}
    </dl>
  );
}
