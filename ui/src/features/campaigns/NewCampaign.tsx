import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { DatePicker, Form, Input, Modal, Select, Switch } from "antd";
import dayjs, { type Dayjs } from "dayjs";
import { useTranslation } from "react-i18next";
import { useNavigate, useSearchParams } from "react-router";
import { api } from "../../api";
import { useLabels } from "../../app/catalogue";
import { Problem } from "../../ui/Problem";
import { BACKLOG, filterBody, filterParams, parse } from "../orders/query";
import { campaigns } from "./api";

interface Values {
  name: string;
  import?: string;
  stage?: string[];
  channel?: string[];
  goal: Dayjs;
  grows: boolean;
}

/** Makes a clean-up: which orders, and until when. The filter of the orders page comes along in the address. */
export function NewCampaign({ onDone }: { onDone: () => void }) {
  const { t } = useTranslation();
  const labels = useLabels();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [params] = useSearchParams();
  const given = parse(params).filters;
  const imports = useQuery({
    queryKey: ["imports", "recent"],
    queryFn: ({ signal }) => api.imports(1, signal),
  });
  const make = useMutation({
    mutationFn: (values: Values) => {
      const filters = {
        ...given,
        ...(values.stage?.length ? { stage: values.stage } : {}),
        ...(values.channel?.length ? { channel: values.channel } : {}),
        ...(values.import ? { import: values.import } : {}),
      };
      return campaigns.create({
        name: values.name,
        filters: filterBody(filters),
        query: filterParams(filters).toString(),
        goal_at: values.goal.toISOString(),
        grows: values.grows,
      });
    },
    onSuccess: async (made) => {
      await client.invalidateQueries({ queryKey: ["campaigns"] });
      onDone();
      void navigate(`/campaigns/${made.id}`);
    },
  });
  const [form] = Form.useForm<Values>();
  return (
    <Modal
      open
      width={560}
      title={t("campaigns.new")}
      okText={t("campaigns.make")}
      cancelText={t("action.cancel")}
      confirmLoading={make.isPending}
      onOk={form.submit}
      onCancel={onDone}
    >
      <Form<Values>
        form={form}
        layout="vertical"
        initialValues={{
          name: t("campaigns.defaultName", { day: dayjs().format("MM-DD") }),
          goal: dayjs().add(3, "day").hour(18).minute(0).second(0),
          grows: true,
          stage: given.stage ?? [],
          channel: given.channel ?? [],
          import: given.import,
        }}
        onFinish={(values) => make.mutate(values)}
      >
        {make.isError && <Problem error={make.error} />}
        <Form.Item
          name="name"
          label={t("campaigns.name")}
          rules={[{ required: true, message: t("people.needed") }]}
        >
          <Input maxLength={64} autoFocus />
        </Form.Item>
        <Form.Item name="import" label={t("campaigns.import")} tooltip={t("campaigns.importHint")}>
          <Select
            allowClear
            placeholder={t("campaigns.anyImport")}
            options={(imports.data?.rows ?? [])
              .filter((one) => one.state === "done")
              .map((one) => ({
                value: String(one.id),
                label: `#${one.id} ${one.files.map((file) => file.name).join("、")}`,
              }))}
          />
        </Form.Item>
        <Form.Item name="stage" label={t("campaigns.stages")} tooltip={t("campaigns.stagesHint")}>
          <Select
            mode="multiple"
            placeholder={t("campaigns.anyStage")}
            options={labels
              .options({ field: "stage" })
              .filter((o) => (BACKLOG as readonly string[]).includes(o.value))}
          />
        </Form.Item>
        <Form.Item name="channel" label={labels.field("channel")}>
          <Select
            mode="multiple"
            placeholder={t("campaigns.anyChannel")}
            options={labels.options({ field: "channel" })}
          />
        </Form.Item>
        <Form.Item
          name="goal"
          label={t("campaigns.goal")}
          rules={[{ required: true, message: t("people.needed") }]}
        >
          <DatePicker showTime={{ format: "HH:mm" }} format="YYYY-MM-DD HH:mm" style={{ width: "100%" }} />
        </Form.Item>
        <Form.Item
          name="grows"
          label={t("campaigns.grows")}
          valuePropName="checked"
          tooltip={t("campaigns.growsHint")}
        >
          <Switch />
        </Form.Item>
      </Form>
    </Modal>
  );
}
