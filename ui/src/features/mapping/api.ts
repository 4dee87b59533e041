import { call, download } from "../../api/http";
import type { components } from "../../api/schema";

type Served = components["schemas"];

export type Draft = Required<Served["Draft"]>;
export type Look = Omit<Served["MappingLookOut"], "draft"> & { draft: Draft };
export type Column = Served["MappingColumnOut"];
export type Guess = Served["MappingGuessOut"];
export type Check = Served["MappingCheckOut"];
export type Result = Served["MappingResultOut"];
export type WordColumn = Served["MappingWordsOut"];
export type Fields = Served["MappingFieldsOut"];
export type Mapping = Served["MappingOut"];
export type Unknown = Served["MappingUnknownOut"];

type Signal = AbortSignal | undefined;

/** A table: an import, a file of it, and within an archive the table's name. */
export interface Place {
  import_id: number;
  file: number;
  inner?: string;
}

/** What a person chose to look at; empty where the likeliest will do. */
export interface Chosen {
  sheet?: string;
  header?: number;
  inner?: string;
  password?: string;
}

export const mappings = {
  fields: (signal?: Signal) => call<Fields>("GET", "/api/mappings/fields", { signal }),
  look: (file: Place, chosen: Chosen, signal?: Signal) =>
    call<Look>("POST", "/api/mappings/look", { body: { ...file, ...chosen }, signal }),
  check: (file: Place, draft: Draft, signal?: Signal) =>
    call<Check>("POST", "/api/mappings/check", { body: { ...file, draft }, signal }),
  checked: (id: number, signal?: Signal) => call<Check>("GET", `/api/mappings/checks/${id}`, { signal }),
  list: (signal?: Signal) => call<Mapping[]>("GET", "/api/mappings", { signal }),
  save: (name: string, body: Result["body"], { import_id, file }: Place) =>
    call<Served["MappingSavedOut"]>("POST", "/api/mappings", { body: { name, body, import_id, file } }),
  edit: (id: number, name: string, body?: Result["body"]) =>
    call<Mapping>("POST", `/api/mappings/${id}`, { body: { name, body: body ?? null } }),
  remove: (id: number) => call<void>("DELETE", `/api/mappings/${id}`),
  keep: (id: number, name: string) =>
    download("GET", `/api/mappings/${id}/mapping.yaml`, `${name}.mapping.yaml`),
  unknown: (job: number, signal?: Signal) =>
    call<Unknown[]>("GET", "/api/mappings/unknown-words", {
      query: new URLSearchParams({ import_id: String(job) }),
      signal,
    }),
  teach: (channel: string, word: string, value: string) =>
    call<void>("POST", "/api/mappings/words", { body: { channel, column: "status", word, value } }),
};
