import { useTranslation } from "react-i18next";
import type { Macro } from "./api";
import { useSetup } from "./useSetup";

/** A macro's body as the server keeps it; see docs/cases.md. */
export interface MacroBody {
  comment?: string;
  contact?: { channel: string; result: string; note?: string; next_try_hours?: number };
  case?: {
    type: string;
    role?: string;
    cause?: string;
    wait_hours?: number;
    close?: string;
    step?: string;
    choice?: string;
  };
  verdict?: { action: string; reason: string; hold_hours?: number };
}

/** Says what a macro does, part by part. */
export function useMacroWords(): (body: Macro["body"]) => string[] {
  const { t } = useTranslation();
  const { type, cause, labels } = useSetup();
  return (told) => {
    const body = told as MacroBody;
    const said: string[] = [];
    if (body.case) {
      said.push(t("cases.macro.does.case", { type: type(body.case.type) }));
      if (body.case.role) said.push(t("cases.macro.does.role", { role: labels.role(body.case.role) }));
      if (body.case.cause) said.push(t("cases.macro.does.cause", { cause: cause(body.case.cause) }));
      if (body.case.wait_hours) said.push(t("cases.macro.does.wait", { hours: body.case.wait_hours }));
      if (body.case.close)
        said.push(t("cases.macro.does.close", { outcome: t(`cases.outcome.${body.case.close}`) }));
    }
    if (body.contact)
      said.push(
        t("cases.macro.does.contact", {
          channel: t(`cases.contact.channel.${body.contact.channel}`),
          result: t(`cases.contact.result.${body.contact.result}`),
        }),
      );
    if (body.comment) said.push(t("cases.macro.does.comment", { text: body.comment }));
    if (body.verdict)
      said.push(
        t("cases.macro.does.verdict", {
          verdict: t(`decide.action.${body.verdict.action}`),
          reason: body.verdict.reason,
        }),
      );
    return said;
  };
}
