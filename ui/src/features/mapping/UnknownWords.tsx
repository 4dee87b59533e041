import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { App, Button, Select } from "antd";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { ImportFile, ImportJob } from "../../api/types";
import { useLabels } from "../../app/catalogue";
import { useRight } from "../../app/session";
import { count } from "../../ui/format";
import { useProblem } from "../../ui/Problem";
import { mappings, type Unknown } from "./api";
import "./mapping.css";

/** The way to the wizard from a file whose header nobody knows. */
export function MapFile({ job, file }: { job: ImportJob; file: ImportFile }) {
  const { t } = useTranslation();
  const right = useRight();
  if (!file.mappable || !right("mappings.edit")) return null;
  return (
    <Link className="qd-map-way" to={`/imports/${job.id}/map/${job.files.indexOf(file)}`}>
      <Button size="small" type="primary" tabIndex={-1}>
        {t("mapping.open")}
      </Button>
    </Link>
  );
}

function Word({ job, unknown }: { job: number; unknown: Unknown }) {
  const { t } = useTranslation();
  const labels = useLabels();
  const right = useRight();
  const { message } = App.useApp();
  const problem = useProblem();
  const client = useQueryClient();
  const teach = useMutation({
    mutationFn: (value: string) => mappings.teach(unknown.channel, unknown.word, value),
    onSuccess: () => client.invalidateQueries({ queryKey: ["mappings", "unknown", job] }),
    onError: (error) => message.error(problem(error).text),
  });
  return (
    <li data-unknown={unknown.word}>
      <span>
        {t("mapping.unknownWord", {
          channel: labels.value("channel", unknown.channel),
          word: unknown.word,
          n: count(unknown.count),
        })}
      </span>
      {right("mappings.edit") ? (
        <Select
          size="small"
          className="qd-map-meaning"
          aria-label={t("mapping.meansOf", { title: unknown.word })}
          loading={teach.isPending}
          value={unknown.value}
          options={[
            { value: "", label: t("mapping.unsure") },
            ...labels.options({ field: "platform_state" }),
          ]}
          onChange={(value: string) => teach.mutate(value)}
        />
      ) : (
        <span className="qd-muted">{t("mapping.askSupervisor")}</span>
      )}
      {unknown.value && <span className="qd-muted">{t("mapping.taught")}</span>}
    </li>
  );
}

/** Status words of an import that nobody knows: its orders wait for a person, and a supervisor may say what they mean. */
export function UnknownWords({ job }: { job: ImportJob }) {
  const { t } = useTranslation();
  const list = useQuery({
    queryKey: ["mappings", "unknown", job.id],
    queryFn: ({ signal }) => mappings.unknown(job.id, signal),
    enabled: job.state === "done" && job.notices.length > 0,
  });
  if (!list.data?.length) return null;
  return (
    <section className="qd-map-unknowns" data-testid="unknown-words" aria-label={t("mapping.unknownTitle")}>
      <b>{t("mapping.unknownTitle")}</b> <span className="qd-muted">{t("mapping.unknownText")}</span>
      <ul>
        {list.data.map((unknown) => (
          <Word key={unknown.channel + unknown.word} job={job.id} unknown={unknown} />
        ))}
      </ul>
    </section>
  );
}
