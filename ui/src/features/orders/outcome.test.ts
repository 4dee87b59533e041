import { expect, test } from "vitest";
import { differences } from "./conflict";
import { outcome, split } from "./outcome";

const rule = (id: string, kind: string, result: "true" | "false" | "unknown") => ({
  id,
  kind,
  result,
  title: { zh: id, en: id },
  because: [],
  snoozed: null,
});

test("only a true check and a false stop let an order pass", () => {
  expect(outcome({ kind: "check", result: "true" })).toBe("pass");
  expect(outcome({ kind: "check", result: "false" })).toBe("fail");
  expect(outcome({ kind: "hold", result: "false" })).toBe("pass");
  expect(outcome({ kind: "hold", result: "true" })).toBe("hold");
  expect(outcome({ kind: "exception", result: "true" })).toBe("hit");
});

test("what can not be decided is never a pass", () => {
  for (const kind of ["check", "hold", "exception"])
    expect(outcome({ kind, result: "unknown" })).toBe("unknown");
});

test("what decided stands first, by weight", () => {
  const { decisive, passed } = split([
    rule("a", "check", "false"),
    rule("b", "check", "true"),
    rule("c", "exception", "true"),
    rule("d", "hold", "unknown"),
    rule("e", "tier", "true"),
    rule("f", "scope", "false"),
  ]);
  expect(decisive.map((one) => one.id)).toEqual(["d", "c", "a"]);
  expect(passed.map((one) => one.id)).toEqual(["b"]);
});

test("a conflict shows the fields that changed and nothing else", () => {
  const field = {
    zh: "",
    en: "",
    type: "text" as const,
    group: "",
    nullable: true,
    values: [],
    pii: "none",
    source: "platform",
  };
  const fields = [
    { ...field, id: "stage", scope: "order" as const },
    { ...field, id: "address_gaps", scope: "order" as const },
    { ...field, id: "title", scope: "line" as const },
  ];
  const seen = { stage: "held", address_gaps: ["city"], title: "a" };
  const now = { stage: "released", address_gaps: ["city"], title: "b", extra: 1 };
  expect(differences(seen, now, fields)).toEqual([{ field: fields[0], before: "held", after: "released" }]);
});
