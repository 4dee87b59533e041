import { useMutation, useQueryClient } from "@tanstack/react-query";
import { App, Button } from "antd";
import { useTranslation } from "react-i18next";
import { api } from "../../api";
import type { ImportJob } from "../../api/types";
import { useRight } from "../../app/session";
import { count } from "../../ui/format";
import { ProblemText, useProblem } from "../../ui/Problem";

/** Undoes an import after saying what that does, or says why it can not be done. */
export function Undo({ job }: { job: ImportJob }) {
  const { t } = useTranslation();
  const { message, modal } = App.useApp();
  const problem = useProblem();
  const right = useRight();
  const client = useQueryClient();
  const undo = useMutation({
    mutationFn: () => api.undoImport(job.id),
    onSuccess: () => client.invalidateQueries({ queryKey: ["imports"] }),
    onError: (error) => message.error(problem(error).text),
  });
  const look = useMutation({
    mutationFn: () => api.undoOutlook(job.id),
    onError: (error) => message.error(problem(error).text),
    onSuccess: ({ removed, restored, problem: stands }) => {
      if (stands) {
        modal.warning({
          title: t("imports.undo.refused"),
          content: <ProblemText problem={stands} />,
          okText: t("imports.undo.understood"),
        });
        return;
      }
      const effects = [
        removed > 0 && t("imports.undo.removed", { n: count(removed) }),
        restored > 0 && t("imports.undo.restored", { n: count(restored) }),
      ].filter(Boolean);
      modal.confirm({
        title: t("imports.undo.title"),
        content: (
          <>
            {effects.length > 0 ? (
              effects.map((effect) => <p key={String(effect)}>{effect}</p>)
            ) : (
              <p>{t("imports.undo.nothing")}</p>
            )}
            <p className="qd-muted">{t("imports.undo.note")}</p>
          </>
        ),
        okText: t("imports.undo.confirm"),
        okButtonProps: { danger: true },
        onOk: () => undo.mutateAsync(),
      });
    },
  });
  if (!right("imports.undo")) return null;
  return (
    <Button
      size="small"
      danger
      loading={look.isPending || undo.isPending}
      onClick={() => look.mutate()}
      data-testid="undo"
    >
      {t("imports.undo.button")}
    </Button>
  );
}
