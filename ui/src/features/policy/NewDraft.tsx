import { DownOutlined } from "@ant-design/icons";
import { useMutation } from "@tanstack/react-query";
import { App, Button, Dropdown, Space } from "antd";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { useRight } from "../../app/session";
import { useProblem } from "../../ui/Problem";
import { policies } from "./api";
import { BLANK } from "./model/blank";

/** Starts a draft from the live policy, or from nothing. */
export function NewDraft() {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const right = useRight();
  const problem = useProblem();
  const navigate = useNavigate();
  const make = useMutation({
    mutationFn: (blank: boolean) => {
      const stamp = new Date();
      const day = `${stamp.getMonth() + 1}-${stamp.getDate()}`;
      const name = t(blank ? "studio.draft.blankName" : "studio.draft.liveName", { day });
      return policies.newDraft(blank ? { name, source: BLANK } : { name });
    },
    onSuccess: (draft) => navigate(`/policy/drafts/${draft.id}`),
    onError: (error) => void message.error(problem(error).text),
  });
  if (!right("policies.edit")) return null;
  return (
    <Space.Compact>
      <Button
        type="primary"
        loading={make.isPending}
        data-action="draft-from-live"
        onClick={() => make.mutate(false)}
      >
        {t("studio.draft.fromLive")}
      </Button>
      <Dropdown
        trigger={["click"]}
        menu={{
          items: [{ key: "blank", label: t("studio.draft.fromBlank") }],
          onClick: () => make.mutate(true),
        }}
      >
        <Button type="primary" icon={<DownOutlined aria-hidden />} aria-label={t("studio.draft.more")} />
      </Dropdown>
    </Space.Compact>
  );
}
