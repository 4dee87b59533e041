import { useQuery } from "@tanstack/react-query";
import { Skeleton } from "antd";
import { useTranslation } from "react-i18next";
import { useParams } from "react-router";
import { usePreferences } from "../../app/preferences";
import { PageHeader } from "../../ui/PageHeader";
import { Problem } from "../../ui/Problem";
import { policies } from "./api";
import { DraftStudio } from "./DraftStudio";

/** One draft; read once when it is opened, from then on the editor holds it. */
export default function DraftPage() {
  const { t } = useTranslation();
  const { id = "" } = useParams();
  const { language } = usePreferences();
  const opened = useQuery({
    queryKey: ["draft", id],
    queryFn: async ({ signal }) => {
      const draft = await policies.draft(id, signal);
      return { draft, checked: await policies.check(draft.source, language, signal) };
    },
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    refetchOnWindowFocus: false,
  });
  if (opened.isPending || opened.isError)
    return (
      <>
        <PageHeader title={t("nav.policyFull")} />
        {opened.isError ? (
          <Problem error={opened.error} retry={opened.refetch} />
        ) : (
          <Skeleton active paragraph={{ rows: 10 }} />
        )}
      </>
    );
  return (
    <DraftStudio
      key={`${id}/${opened.dataUpdatedAt}`}
      draft={opened.data.draft}
      checked={opened.data.checked}
      reload={() => void opened.refetch()}
    />
  );
}
