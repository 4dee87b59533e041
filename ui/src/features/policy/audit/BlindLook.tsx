import { CheckOutlined, StopOutlined } from "@ant-design/icons";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Alert, App, Button, Form, Input, Modal, Select, Skeleton } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { FieldValue, OrderDetail } from "../../../api/types";
import { useLabels } from "../../../app/catalogue";
import { Problem, useProblem } from "../../../ui/Problem";
import { Facts } from "../../orders/Facts";
import { Lines } from "../../orders/Lines";
import { type AuditAnswer, audits, type BlindOrder } from "../api";

interface Stop {
  reason: string;
  rule?: string;
}

function StopDialog({
  audit,
  loading,
  onStop,
  onClose,
}: {
  audit: BlindOrder;
  loading: boolean;
  onStop: (stop: Stop) => void;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const labels = useLabels();
  const [form] = Form.useForm<Stop>();
  return (
    <Modal
      open
      title={t("studio.audit.stopTitle")}
      onCancel={onClose}
      closable={{ "aria-label": t("action.close") }}
      okText={t("studio.audit.stop")}
      cancelText={t("action.cancel")}
      okButtonProps={{ loading, danger: true }}
      onOk={() => form.submit()}
      width={480}
    >
      <Form<Stop> form={form} layout="vertical" requiredMark={false} onFinish={onStop}>
        <Form.Item
          name="reason"
          label={t("studio.audit.reason")}
          rules={[{ required: true, whitespace: true, message: t("studio.audit.needReason") }]}
        >
          <Input.TextArea autoFocus rows={3} maxLength={500} placeholder={t("studio.audit.reasonHint")} />
        </Form.Item>
        <Form.Item name="rule" label={t("studio.audit.which")} extra={t("studio.audit.whichText")}>
          <Select
            allowClear
            placeholder={t("studio.audit.whichNone")}
            options={audit.rules.map((rule) => ({
              value: rule.id,
              label: `${labels.say(rule.title)} · ${t(`rule.kind.${rule.kind}`)}`,
            }))}
          />
        </Form.Item>
      </Form>
    </Modal>
  );
}

function Told({ answer }: { answer: AuditAnswer }) {
  const { t } = useTranslation();
  const labels = useLabels();
  const was = t(answer.released ? "studio.audit.wasReleased" : "studio.audit.wasStopped");
  return (
    <>
      {answer.paused.map((rule) => (
        <Alert
          key={rule.id}
          type="error"
          showIcon
          title={t("studio.audit.paused", { rule: labels.say(rule.title) })}
          description={t("studio.audit.pausedText")}
        />
      ))}
      <Alert
        type={answer.agreed ? "success" : "warning"}
        showIcon
        title={t(answer.agreed ? "studio.audit.agreed" : "studio.audit.disagreed", { was })}
        description={
          answer.agreed || !answer.released
            ? undefined
            : t(answer.held ? "studio.audit.held" : "studio.audit.left")
        }
      />
    </>
  );
}

/** One order of the sample after another, without its verdict; what was decided is told after the answer. */
export function BlindLook() {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const problem = useProblem();
  const client = useQueryClient();
  const [open, setOpen] = useState(false);
  const [stopping, setStopping] = useState(false);
  const [told, setTold] = useState<AuditAnswer | null>(null);
  const next = useQuery({ queryKey: ["audit-next"], queryFn: ({ signal }) => audits.next(signal) });
  const again = () =>
    Promise.all(
      [["audit-next"], ["audits"], ["audit-answers"], ["policy"], ["publications"]].map((queryKey) =>
        client.invalidateQueries({ queryKey }),
      ),
    );
  const answer = useMutation({
    mutationFn: ({ id, ...said }: { id: number; release: boolean; reason?: string; rule?: string }) =>
      audits.answer(id, said),
    onSuccess: setTold,
    onError: (error) => void message.error(problem(error).text),
    onSettled: () => {
      setStopping(false);
      return again();
    },
  });
  if (next.isPending) return <Skeleton active />;
  if (next.isError) return <Problem error={next.error} retry={next.refetch} />;
  const { audit, waiting } = next.data;
  if (audit === null && told === null)
    return <section className="qd-panel qd-audit-none qd-muted">{t("studio.audit.none")}</section>;
  if (!open)
    return (
      <section className="qd-panel qd-audit-start" aria-label={t("studio.audit.look")}>
        <div>
          <h2>{t("studio.audit.look")}</h2>
          <p className="qd-muted">{t("studio.audit.lookText")}</p>
        </div>
        <Button type="primary" onClick={() => setOpen(true)} data-action="audit">
          {t("studio.audit.start", { n: waiting })}
        </Button>
      </section>
    );
  // the screens' card shows what is there; a blind order has no decision
  const detail =
    audit && ({ order: audit.order as Record<string, FieldValue> } as Pick<OrderDetail, "order">);
  return (
    <section className="qd-panel qd-audit-look" aria-label={t("studio.audit.look")} data-audit={audit?.id}>
      {told && <Told answer={told} />}
      {audit === null || detail === null ? (
        <p className="qd-muted">{t("studio.audit.none")}</p>
      ) : (
        <>
          <header>
            <h2>{t("studio.audit.question")}</h2>
            <span className="qd-num">{String(audit.order.order_no)}</span>
            <span className="qd-muted">{t("studio.audit.left_n", { n: waiting })}</span>
          </header>
          <Lines lines={audit.lines as Record<string, FieldValue>[]} />
          <Facts key={audit.id} detail={detail} />
          <footer>
            <Button
              type="primary"
              icon={<CheckOutlined aria-hidden />}
              loading={answer.isPending}
              onClick={() => answer.mutate({ id: audit.id, release: true })}
              data-action="audit-release"
            >
              {t("studio.audit.release")}
            </Button>
            <Button
              danger
              icon={<StopOutlined aria-hidden />}
              onClick={() => setStopping(true)}
              data-action="audit-stop"
            >
              {t("studio.audit.stop")}
            </Button>
            <Button type="text" onClick={() => setOpen(false)}>
              {t("studio.audit.later")}
            </Button>
          </footer>
        </>
      )}
      {stopping && audit && (
        <StopDialog
          audit={audit}
          loading={answer.isPending}
          onClose={() => setStopping(false)}
          onStop={({ reason, rule }) =>
            answer.mutate({ id: audit.id, release: false, reason: reason.trim(), ...(rule ? { rule } : {}) })
          }
        />
      )}
    </section>
  );
}
