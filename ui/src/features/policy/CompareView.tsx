import { useQuery } from "@tanstack/react-query";
import { Skeleton } from "antd";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { EmptyState } from "../../ui/EmptyState";
import { Problem } from "../../ui/Problem";
import { policies } from "./api";
import { Differences } from "./Differences";
import type { Editor } from "./editor/useEditor";

/** What the draft decides differently from the live policy, part by part, in words. */
export function CompareView({ editor }: { editor: Editor }) {
  const { t } = useTranslation();
  const { draft, flush, checked } = editor;
  useEffect(() => void flush().catch(() => undefined), [flush]);
  const compared = useQuery({
    queryKey: ["compare", draft.id, draft.version],
    queryFn: ({ signal }) => policies.compare(draft.id, signal),
    enabled: checked.ok,
  });
  if (!checked.ok) return <EmptyState title={t("studio.diff.faulty")} text={t("studio.bt.faulty")} />;
  if (compared.isError) return <Problem error={compared.error} retry={compared.refetch} />;
  if (compared.isPending) return <Skeleton active />;
  const { differences } = compared.data;
  if (differences.length === 0)
    return <EmptyState title={t("studio.diff.none")} text={t("studio.diff.noneText")} />;
  return <Differences rows={differences} />;
}
