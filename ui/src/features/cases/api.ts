import { useMutation, useQueryClient } from "@tanstack/react-query";
import { call, upload } from "../../api/http";
import type { components } from "../../api/schema";

type Served = components["schemas"];
type Signal = AbortSignal | undefined;
type Id = number;

export type CaseRow = Served["CaseRowOut"];
export type Case = Omit<Served["CaseOut"], "causes"> & { causes: Cause[] };
export type CaseStep = Served["CaseStepOut"];
export type CaseClock = Served["CaseClockOut"];
export type CasePage = Served["CasePageOut"];
export type CaseType = Served["CaseTypeOut"];
export type Setup = Omit<Served["CaseSetupOut"], "causes"> & { causes: Cause[] };
export type Talk = Served["OrderTalkOut"];
export type Person = Served["CasePersonOut"];
export type Contact = Served["ContactOut"];
export type ContactIn = Served["ContactIn"];
export type Comment = Served["CommentOut"];
export type Attachment = Served["AttachmentOut"];
export type Link = Served["LinkOut"];
export type LinkMade = Served["LinkMadeOut"];
export type Address = Served["AddressOut"];
export type ReceiverIn = Served["ReceiverIn"];
export type Missing = Served["MissingOut"];
export type Sop = Served["SopOut"];
export type SopCheck = Served["SopCheckOut"];
export type Fault = Served["FaultOut"];
export type Template = Served["MessageTemplateOut"];
export type TemplateIn = Served["MessageTemplateIn"];
export type Macro = Served["MacroOut"];
export type MacroIn = Served["MacroIn"];
export type MacroOrder = Served["MacroOrderIn"];
export type MacroResults = Served["MacroResultsOut"];
export type CaseNotice = Served["CaseNoticeOut"];
type Notices = Served["NoticePageOut"];

/** A root cause; the contract has another shape of this name, so this one is written out. */
export interface Cause {
  id: number;
  key: string;
  zh: string;
  en: string;
  /** Types of cases that it is offered for; none for all. */
  types: string[];
  active: boolean;
}

export const CHANNELS = ["call", "sms", "chat"] as const;
export const RESULTS = ["reached", "no_answer", "sent", "callback", "refused", "wrong_number"] as const;
export const OUTCOMES = ["solved", "unfounded", "unreachable"] as const;
export const OWNER_ROLES = ["front_line", "supervisor", "risk", "finance", "warehouse"] as const;
export const STATES = ["open", "waiting", "approval", "closed"] as const;

const one = (id: Id, act: string) => `/api/cases/${id}/${act}`;
const order = (id: Id, what: string) => `/api/cases/orders/${id}/${what}`;

export const cases = {
  list: (query: URLSearchParams, signal?: Signal) => call<CasePage>("GET", "/api/cases", { query, signal }),
  get: (id: Id, signal?: Signal) => call<Case>("GET", `/api/cases/${id}`, { signal }),
  open: (body: Served["OpenIn"]) => call<Case>("POST", "/api/cases", { body }),
  take: (id: Id, version: number) => call<Case>("POST", one(id, "take"), { body: { version } }),
  assign: (id: Id, body: Served["CaseAssignIn"]) => call<Case>("POST", one(id, "assign"), { body }),
  wait: (id: Id, body: Served["WaitIn"]) => call<Case>("POST", one(id, "wait"), { body }),
  resume: (id: Id, version: number) => call<Case>("POST", one(id, "resume"), { body: { version } }),
  cause: (id: Id, body: Served["CauseIn"]) => call<Case>("POST", one(id, "cause"), { body }),
  step: (id: Id, body: Served["StepIn"]) => call<Case>("POST", one(id, "step"), { body }),
  approve: (id: Id, body: Served["ApproveIn"]) => call<Case>("POST", one(id, "approve"), { body }),
  refuse: (id: Id, body: Served["SeenIn"]) => call<Case>("POST", one(id, "refuse"), { body }),
  close: (id: Id, body: Served["CloseIn"]) => call<Case>("POST", one(id, "close"), { body }),
  reopen: (id: Id, version: number) => call<Case>("POST", one(id, "reopen"), { body: { version } }),

  ofOrder: (id: Id, signal?: Signal) => call<Talk>("GET", `/api/cases/orders/${id}`, { signal }),
  contact: (id: Id, body: ContactIn) => call<Contact>("POST", order(id, "contacts"), { body }),
  comment: (id: Id, body: Served["CommentIn"]) => call<Comment>("POST", order(id, "comments"), { body }),
  archive: (id: Id, body: Served["ArchiveIn"]) =>
    call<Served["ArchivedOut"]>("POST", order(id, "archive"), { body }),

  showAddress: (id: Id, reason: string) =>
    call<Address>("POST", order(id, "address/show"), { body: { reason } }),
  saveAddress: (id: Id, body: Served["AddressIn"]) =>
    call<Served["AddressSavedOut"]>("POST", order(id, "address"), { body }),
  parse: (text: string) => call<Served["LookedOut"]>("POST", "/api/cases/address/parse", { body: { text } }),
  check: (body: ReceiverIn) => call<Served["LookedOut"]>("POST", "/api/cases/address/check", { body }),

  makeLink: (id: Id, body: Served["LinkIn"]) => call<LinkMade>("POST", order(id, "links"), { body }),
  revoke: (id: Id) => call<Link>("POST", `/api/cases/links/${id}/revoke`),
  accept: (id: Id, version: number) =>
    call<Served["AddressSavedOut"]>("POST", `/api/cases/links/${id}/accept`, { body: { version } }),
  compose: (id: Id, body: Served["ComposeIn"]) =>
    call<Served["ComposedOut"]>("POST", order(id, "compose"), { body }),
  attach: (id: Id, file: File, onSent: (share: number) => void = () => undefined) => {
    const form = new FormData();
    form.append("order_id", String(id));
    form.append("file", file, file.name);
    return upload<Attachment>("/api/cases/attachments", form, onSent);
  },

  setup: (signal?: Signal) => call<Setup>("GET", "/api/cases/setup", { signal }),
  addCause: (body: Served["CauseAddIn"]) => call<Cause>("POST", "/api/cases/causes", { body }),
  changeCause: (id: Id, body: Served["CauseChangeIn"]) =>
    call<Cause>("PUT", `/api/cases/causes/${id}`, { body }),
  sops: (type: string, signal?: Signal) =>
    call<Sop[]>("GET", "/api/cases/sops", { query: new URLSearchParams(type ? { type } : {}), signal }),
  checkSop: (source: string) => call<SopCheck>("POST", "/api/cases/sops/check", { body: { source } }),
  publishSop: (body: Served["SopIn"]) => call<Sop>("POST", "/api/cases/sops", { body }),
  times: (signal?: Signal) => call<Served["StepTimeOut"][]>("GET", "/api/cases/times", { signal }),

  templates: (signal?: Signal) =>
    call<Served["MessageTemplatesOut"]>("GET", "/api/cases/messages", { signal }),
  saveTemplate: (id: Id | null, body: TemplateIn) =>
    id === null
      ? call<Template>("POST", "/api/cases/messages", { body })
      : call<Template>("PUT", `/api/cases/messages/${id}`, { body }),
  macros: (signal?: Signal) => call<Macro[]>("GET", "/api/cases/macros", { signal }),
  saveMacro: (id: Id | null, body: MacroIn) =>
    id === null
      ? call<Macro>("POST", "/api/cases/macros", { body })
      : call<Macro>("PUT", `/api/cases/macros/${id}`, { body }),
  deleteMacro: (id: Id) => call<void>("DELETE", `/api/cases/macros/${id}`),
  applyMacro: (id: Id, orders: readonly MacroOrder[]) =>
    call<MacroResults>("POST", `/api/cases/macros/${id}/apply`, { body: { orders } }),

  notices: (signal?: Signal) => call<Notices>("GET", "/api/cases/notices", { signal }),
  readNotices: (ids: readonly number[], all: boolean) =>
    call<Notices>("POST", "/api/cases/notices/read", { body: { ids, all } }),
};

/** What an act on a case or beside it may change on the screens. */
const TOUCHED = ["cases", "order", "orders", "desk", "board"] as const;

/** Something done to a case or its order: the screens read anew, whether it worked or was refused. */
export function useAct<In, Out>(run: (input: In) => Promise<Out>, done?: (out: Out) => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: run,
    onSuccess: (out) => done?.(out),
    onSettled: () => {
      for (const key of TOUCHED) void client.invalidateQueries({ queryKey: [key] });
    },
  });
}
