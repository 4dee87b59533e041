import { Alert, Button } from "antd";
import { useTranslation } from "react-i18next";
import { ApiError } from "../api/http";
import type { Problem as ProblemShape } from "../api/types";
import { usePreferences } from "../app/preferences";

interface Props {
  error: unknown;
  retry?: (() => unknown) | undefined;
  /** Stands alone on the page rather than inside a panel. */
  page?: boolean;
}

/** What happened and what to do, in the server's own words. */
export function useProblem(): (error: unknown) => { text: string; advice: string } {
  const { t } = useTranslation();
  const { language } = usePreferences();
  return (error) =>
    error instanceof ApiError
      ? { text: error.text(language), advice: error.advice(language) }
      : { text: t("error.unexpected"), advice: t("error.unexpectedAdvice") };
}

export function Problem({ error, retry, page = false }: Props) {
  const { t } = useTranslation();
  const { text, advice } = useProblem()(error);
  const alert = (
    <Alert
      type="error"
      showIcon
      title={text}
      description={advice || undefined}
      action={
        retry ? (
          <Button size="small" onClick={() => void retry()}>
            {t("action.retry")}
          </Button>
        ) : undefined
      }
    />
  );
  return page ? <div style={{ maxWidth: 560, margin: "15vh auto", padding: 16 }}>{alert}</div> : alert;
}

/** A problem that came as data, beside a file or an import. */
export function ProblemText({ problem }: { problem: ProblemShape }) {
  const { language } = usePreferences();
  const advice = language === "zh" ? problem.advice_zh : problem.advice_en;
  return (
    <span>
      <span className="qd-red">{problem[language]}</span>
      {advice ? <span className="qd-muted"> {advice}</span> : null}
    </span>
  );
}
