import { Pagination } from "antd";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { ImportJob } from "../../api/types";
import { count } from "../../ui/format";
import { Time } from "../../ui/Time";
import { StateTag } from "./StateTag";

interface Props {
  jobs: readonly ImportJob[];
  total: number;
  page: number;
  onPage: (page: number) => void;
  open: string | null;
}

const PAGE_SIZE = 20;
const NUMBERS = ["rows", "orders", "new", "changed", "unchanged", "refused"] as const;

/** Earlier imports, the latest first. */
export function History({ jobs, total, page, onPage, open }: Props) {
  const { t } = useTranslation();
  return (
    <div className="qd-history">
      <table>
        <thead>
          <tr>
            <th scope="col">{t("imports.when")}</th>
            <th scope="col">{t("imports.files")}</th>
            <th scope="col">{t("imports.by")}</th>
            <th scope="col">{t("imports.stateTitle")}</th>
            {NUMBERS.map((key) => (
              <th key={key} scope="col" className="qd-right">
                {t(key === "rows" ? "imports.rows" : `imports.figure.${key}`)}
              </th>
            ))}
            <th scope="col" className="qd-right">
              {t("imports.duration")}
            </th>
            <th scope="col">{t("imports.hash")}</th>
          </tr>
        </thead>
        <tbody>
          {jobs.map((job) => (
            <tr key={job.id} aria-current={String(job.id) === open ? "true" : undefined}>
              <td>
                <Link to={`/imports?import=${job.id}${page > 1 ? `&page=${page}` : ""}`}>
                  <Time at={job.created_at} as="short" />
                </Link>
              </td>
              <td>
                <span className="qd-ellipsis" title={job.files.map((file) => file.name).join("\n")}>
                  {job.files[0]?.name}
                  {job.files.length > 1 && (
                    <span className="qd-muted">
                      {" "}
                      {t("imports.moreFiles", { n: job.files.length - 1, total: job.files.length })}
                    </span>
                  )}
                </span>
              </td>
              <td>{job.by?.name ?? "—"}</td>
              <td>
                <StateTag state={job.state} />
              </td>
              {NUMBERS.map((key) => (
                <td
                  key={key}
                  className={`qd-right qd-num ${key === "refused" && job[key] > 0 ? "qd-red" : ""}`}
                >
                  {count(job[key])}
                </td>
              ))}
              <td className="qd-right qd-num">
                {job.seconds === null ? "—" : t("imports.seconds", { n: job.seconds.toFixed(1) })}
              </td>
              <td>
                <code
                  className="qd-muted"
                  title={job.files.map((file) => `${file.sha256}  ${file.name}`).join("\n")}
                >
                  {job.files[0]?.sha256.slice(0, 8)}
                </code>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {total > PAGE_SIZE && (
        <Pagination
          align="end"
          size="small"
          current={page}
          total={total}
          pageSize={PAGE_SIZE}
          showSizeChanger={false}
          onChange={onPage}
        />
      )}
    </div>
  );
}
