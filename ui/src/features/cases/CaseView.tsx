import { MoreOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Alert, Button, Dropdown, Skeleton } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useLabels } from "../../app/catalogue";
import { useRight, useSession } from "../../app/session";
import { Problem } from "../../ui/Problem";
import { Time } from "../../ui/Time";
import { type Case, cases, type Person, useAct } from "./api";
import { CaseClocks } from "./CaseClocks";
import { CaseDialog, type Dialog } from "./CaseDialogs";
import { CaseSteps } from "./CaseSteps";
import { CauseSelect } from "./CauseSelect";
import { CaseState } from "./tags";
import { useSetup } from "./useSetup";

interface Props {
  id: number;
  people: readonly Person[];
  goTo: (tab: string) => void;
}

function Acts({ shown, me, onAsk }: { shown: Case; me: number | null; onAsk: (what: Dialog) => void }) {
  const { t } = useTranslation();
  const take = useAct(() => cases.take(shown.id, shown.version));
  const resume = useAct(() => cases.resume(shown.id, shown.version));
  const reopen = useAct(() => cases.reopen(shown.id, shown.version));
  const closed = shown.state === "closed";
  const items = [
    shown.state === "open" && { key: "wait", label: t("cases.act.wait"), onClick: () => onAsk("wait") },
    !closed && { key: "assign", label: t("cases.act.assign"), onClick: () => onAsk("assign") },
    !closed && { key: "close", label: t("cases.act.close"), onClick: () => onAsk("close") },
  ].filter((item) => item !== false);
  const error = take.error ?? resume.error ?? reopen.error;
  return (
    <>
      {!closed && shown.owner?.id !== me && (
        <Button size="small" loading={take.isPending} onClick={() => take.mutate(undefined)}>
          {t("cases.act.take")}
        </Button>
      )}
      {shown.state === "waiting" && (
        <Button
          size="small"
          type="primary"
          loading={resume.isPending}
          onClick={() => resume.mutate(undefined)}
        >
          {t("cases.act.resume")}
        </Button>
      )}
      {closed && (
        <Button size="small" loading={reopen.isPending} onClick={() => reopen.mutate(undefined)}>
          {t("cases.act.reopen")}
        </Button>
      )}
      {items.length > 0 && (
        <Dropdown trigger={["click"]} menu={{ items }}>
          <Button
            size="small"
            type="text"
            icon={<MoreOutlined aria-hidden />}
            aria-label={t("cases.moreActs")}
          />
        </Dropdown>
      )}
      {error && <Problem error={error} />}
    </>
  );
}

/** One case: who has it, how its clocks stand, the steps to walk, its cause. */
export function CaseView({ id, people, goTo }: Props) {
  const { t } = useTranslation();
  const labels = useLabels();
  const setup = useSetup();
  const right = useRight();
  const me = useSession().data?.user?.id ?? null;
  const [ask, setAsk] = useState<Dialog | null>(null);
  const detail = useQuery({ queryKey: ["cases", "one", id], queryFn: ({ signal }) => cases.get(id, signal) });
  const cause = useAct((key: string) =>
    cases.cause(id, { version: detail.data?.version ?? 0, cause: key, note: "" }),
  );
  if (detail.isError) return <Problem error={detail.error} retry={detail.refetch} />;
  if (!detail.data) return <Skeleton active paragraph={{ rows: 3 }} />;
  const shown = detail.data;
  const works = right("cases.work");
  return (
    <article className="qd-case" data-testid="case" data-case={id} data-state={shown.state}>
      <header>
        <h4>{setup.type(shown.type)}</h4>
        <CaseState row={shown} />
        <span className="qd-muted">
          {labels.role(shown.owner_role)} · {shown.owner?.name ?? t("cases.nobody")}
        </span>
        <span className="qd-case-acts">
          {works && <Acts shown={shown} me={me === null ? null : Number(me)} onAsk={setAsk} />}
        </span>
      </header>
      {shown.state === "waiting" && (
        <Alert
          type="info"
          title={
            <>
              {t("cases.waitingNote")} {shown.wait_until && <Time at={shown.wait_until} as="short" />}
            </>
          }
        />
      )}
      <CaseClocks clocks={shown.clocks} />
      <div className="qd-case-cause">
        <span className="qd-muted">{t("cases.cause")}</span>
        <CauseSelect
          causes={shown.causes}
          type={shown.type}
          value={shown.cause}
          disabled={!works || shown.state === "closed" || cause.isPending}
          onChange={(key) => cause.mutate(key)}
        />
      </div>
      {cause.isError && <Problem error={cause.error} />}
      <CaseSteps shown={shown} works={works} me={me === null ? null : Number(me)} goTo={goTo} />
      {ask && <CaseDialog what={ask} shown={shown} people={people} onClose={() => setAsk(null)} />}
    </article>
  );
}
