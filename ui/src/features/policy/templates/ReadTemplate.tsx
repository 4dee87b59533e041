import { useQuery } from "@tanstack/react-query";
import { Drawer, Segmented, Skeleton } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useLabels } from "../../../app/catalogue";
import { usePreferences } from "../../../app/preferences";
import { EmptyState } from "../../../ui/EmptyState";
import { Problem } from "../../../ui/Problem";
import { policies, type Sentence } from "../api";
import { Differences } from "../Differences";

export interface Readable {
  name: string;
  source: string;
  note: string;
}

const KINDS = ["scope", "check", "exception", "hold", "tier", "tag"] as const;
type View = "sentences" | "compare" | "text";
const VIEWS: readonly View[] = ["sentences", "compare", "text"];

function Sentences({ rows }: { rows: Sentence[] }) {
  const { t } = useTranslation();
  const labels = useLabels();
  return KINDS.map((kind) => {
    const own = rows.filter((row) => row.kind === kind);
    if (own.length === 0) return null;
    return (
      <section key={kind} aria-label={t(`studio.part.${kind}`)}>
        <h3>{t(`studio.part.${kind}`)}</h3>
        <ol className="qd-template-sentences">
          {own.map((row) => (
            <li key={row.id}>{labels.say(row.text)}</li>
          ))}
        </ol>
      </section>
    );
  });
}

function Read({ source }: { source: string }) {
  const { language } = usePreferences();
  const checked = useQuery({
    queryKey: ["template-read", source, language],
    queryFn: ({ signal }) => policies.check(source, language, signal),
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (checked.isPending) return <Skeleton active />;
  if (checked.isError) return <Problem error={checked.error} retry={checked.refetch} />;
  return <Sentences rows={checked.data.sentences} />;
}

function Compare({ source }: { source: string }) {
  const { t } = useTranslation();
  const compared = useQuery({
    queryKey: ["compare", "text", source],
    queryFn: ({ signal }) => policies.compareText(source, signal),
  });
  if (compared.isPending) return <Skeleton active />;
  if (compared.isError) return <Problem error={compared.error} retry={compared.refetch} />;
  if (compared.data.differences.length === 0) return <EmptyState title={t("studio.template.same")} text="" />;
  return <Differences rows={compared.data.differences} />;
}

/** A template in plain sentences, beside the live policy, or as it is written. */
export function ReadTemplate({ template, onClose }: { template: Readable | null; onClose: () => void }) {
  const { t } = useTranslation();
  const [view, setView] = useState<View>("sentences");
  return (
    <Drawer
      open={template !== null}
      onClose={onClose}
      size="min(760px, calc(100vw - 120px))"
      title={template?.name}
      closable={{ "aria-label": t("action.close") }}
    >
      {template && (
        <div className="qd-template-read">
          {template.note && <p className="qd-muted qd-template-note">{template.note}</p>}
          <Segmented<View>
            value={view}
            options={VIEWS.map((one) => ({ value: one, label: t(`studio.template.view.${one}`) }))}
            onChange={setView}
          />
          {view === "sentences" && <Read source={template.source} />}
          {view === "compare" && <Compare source={template.source} />}
          {view === "text" && <pre className="qd-code">{template.source}</pre>}
        </div>
      )}
    </Drawer>
  );
}
