import type { Completion, CompletionContext, CompletionResult } from "@codemirror/autocomplete";
import type { Lexicon } from "./lexicon";

const KEYS = [
  "policy",
  "title",
  "scope",
  "words",
  "checks",
  "exceptions",
  "holds",
  "tags",
  "tiers",
  "tables",
];
const PARTS = [
  "id",
  "title",
  "pass",
  "when",
  "until",
  "else",
  "owner",
  "respond",
  "resolve",
  "hit",
  "rows",
  "output",
];
const WORDS = [
  "且",
  "或",
  "非",
  "属于",
  "不属于",
  "含",
  "全含",
  "开头",
  "结尾",
  "长度",
  "匹配",
  "为空",
  "不为空",
  "当前时间",
  "是",
  "否",
];
const BUILTINS = ["任一异常", "任一挂起", "全部通过"];

const LETTERS = /[\p{L}\p{N}_@]+$/u;

/** Offers fields, values, word lists and the words of the language while a condition is typed. */
export function completions(names: Lexicon) {
  const fields = names.fields.map(
    (one): Completion => ({ label: one.zh, detail: `${one.id} · ${one.en}`, type: "property" }),
  );
  const words = [...WORDS, ...BUILTINS].map((label): Completion => ({ label, type: "keyword" }));
  return (context: CompletionContext): CompletionResult | null => {
    const line = context.state.doc.lineAt(context.pos);
    const head = line.text.slice(0, context.pos - line.from);
    const typed = LETTERS.exec(head)?.[0] ?? "";
    const from = context.pos - typed.length;
    if (typed === "" && !context.explicit) return null;
    if (/^\s*(- )?[\p{L}_]*$/u.test(head)) {
      const listed = /^\S/.test(head) || head === "" ? KEYS : PARTS;
      return { from, options: listed.map((label) => ({ label, apply: `${label}: `, type: "keyword" })) };
    }
    if (typed.startsWith("@")) {
      const lists = [...context.state.doc.toString().matchAll(/^ {2}([\p{L}\p{N}_]+): *\[/gmu)];
      return { from, options: lists.map((found) => ({ label: `@${found[1]}`, type: "variable" })) };
    }
    const field = [...names.fields]
      .sort((one, other) => other.zh.length - one.zh.length)
      .find((one) => new RegExp(`${one.zh}\\s*(=|!=|属于|不属于|含|全含)\\s*\\{?[^且或]*$`).test(head));
    const values = (field?.values ?? []).map(
      (one): Completion => ({ label: one.zh, detail: one.id, type: "enum", boost: 2 }),
    );
    // A name may begin in the middle of a run of Chinese: offer what continues the last signs too.
    const starts = [...values, ...fields, ...words];
    return { from, options: starts, validFor: LETTERS };
  };
}
