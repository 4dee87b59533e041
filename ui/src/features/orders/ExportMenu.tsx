import { DownloadOutlined } from "@ant-design/icons";
import { useMutation } from "@tanstack/react-query";
import { App, Button, Dropdown } from "antd";
import { useTranslation } from "react-i18next";
import { api } from "../../api";
import { count } from "../../ui/format";
import { useProblem } from "../../ui/Problem";
import { type Filters, filterBody } from "./query";

/** Takes the filtered orders away as a file, masked as on screen. */
export function ExportMenu({ filters, total }: { filters: Filters; total: number }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const problem = useProblem();
  const save = useMutation({
    mutationFn: (format: "csv" | "xlsx") => api.exportOrders(filterBody(filters), format),
    onSuccess: () => message.success(t("export.done", { total: count(total) })),
    onError: (error) => message.error(problem(error).text),
  });
  return (
    <Dropdown
      trigger={["click"]}
      disabled={total === 0}
      menu={{
        items: [
          { key: "xlsx", label: t("export.xlsx", { total: count(total) }) },
          { key: "csv", label: t("export.csv", { total: count(total) }) },
        ],
        onClick: ({ key }) => save.mutate(key as "csv" | "xlsx"),
      }}
    >
      <Button icon={<DownloadOutlined aria-hidden />} loading={save.isPending}>
        {t("export.title")}
      </Button>
    </Dropdown>
  );
}
