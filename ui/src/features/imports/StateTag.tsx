import { useTranslation } from "react-i18next";
import "../../ui/tags.css";

const TONES: Record<string, string> = {
  done: "qd-verdict-release",
  failed: "qd-tier-urgent",
  reading: "qd-reason-check",
  storing: "qd-reason-check",
};

export function StateTag({ state }: { state: string }) {
  const { t } = useTranslation();
  return (
    <span className={`qd-tag ${TONES[state] ?? ""}`} data-state={state}>
      {t(`imports.state.${state}`, { defaultValue: state })}
    </span>
  );
}
