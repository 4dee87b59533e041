import { PlusOutlined } from "@ant-design/icons";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Button, Input, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useLabels } from "../../app/catalogue";
import { useProblem } from "../../ui/Problem";
import { type Cause, cases } from "./api";

interface Props {
  causes: readonly Cause[];
  /** Type that an added cause is offered for. */
  type: string;
  value: string | null;
  onChange: (key: string) => void;
  disabled?: boolean;
  autoFocus?: boolean;
}

/** The root causes to choose from; one that is missing is added to the team's list on the spot. */
export function CauseSelect({ causes, type, value, onChange, disabled = false, autoFocus = false }: Props) {
  const { t } = useTranslation();
  const labels = useLabels();
  const client = useQueryClient();
  const problem = useProblem();
  const [name, setName] = useState("");
  const add = useMutation({
    mutationFn: () => cases.addCause({ zh: name.trim(), en: "", types: [type] }),
    onSuccess: async (made) => {
      setName("");
      await client.invalidateQueries({ queryKey: ["cases"] });
      onChange(made.key);
    },
  });
  return (
    <Select
      className="qd-cause"
      showSearch={{ optionFilterProp: "label" }}
      autoFocus={autoFocus}
      disabled={disabled}
      value={value}
      placeholder={t("cases.pickCause")}
      aria-label={t("cases.cause")}
      onChange={onChange}
      options={causes
        .filter((cause) => cause.active || cause.key === value)
        .map((cause) => ({ value: cause.key, label: labels.say(cause) }))}
      popupRender={(menu) => (
        <>
          {menu}
          <div className="qd-cause-add">
            <Input
              size="small"
              value={name}
              maxLength={60}
              status={add.isError ? "error" : ""}
              placeholder={t("cases.addCause")}
              aria-label={t("cases.addCause")}
              onChange={(event) => setName(event.target.value)}
              onKeyDown={(event) => {
                event.stopPropagation();
                if (event.key === "Enter" && name.trim()) add.mutate();
              }}
            />
            <Button
              size="small"
              icon={<PlusOutlined aria-hidden />}
              aria-label={t("cases.addCause")}
              disabled={!name.trim()}
              loading={add.isPending}
              onClick={() => add.mutate()}
            />
          </div>
          {add.isError && <p className="qd-red qd-cause-fault">{problem(add.error).text}</p>}
        </>
      )}
    />
  );
}
