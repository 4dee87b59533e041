import type { RuleGroupType, RuleType } from "react-querybuilder";
import { asGroup, type Group, type Node, none, tidy, type Value } from "./tree";

/** Field of the builder's row that holds a text in the rule language. */
export const TEXT = "text:";

export type Row = RuleType<string, string, Value>;
export type Query = RuleGroupType<Row, "and" | "or">;

function rowOf(node: Exclude<Node, Group>): Row {
  return node.kind === "text"
    ? { field: TEXT, operator: "is", value: { type: "text", value: node.source } }
    : { field: node.field, operator: node.operator, value: node.value };
}

function queryOfGroup(group: Group): Query {
  return {
    combinator: group.combinator,
    not: group.not,
    rules: group.rules.map((one) => (one.kind === "group" ? queryOfGroup(one) : rowOf(one))),
  };
}

/** A condition as the builder shows it. */
export const queryOf = (node: Node): Query => queryOfGroup(asGroup(node));

function nodeOfRow(row: Row): Node {
  if (row.field !== TEXT)
    return { kind: "leaf", field: row.field, operator: row.operator, value: row.value ?? none };
  return { kind: "text", source: String(row.value.value ?? "") };
}

function groupOf(query: Query): Group {
  return {
    kind: "group",
    combinator: query.combinator === "or" ? "or" : "and",
    not: query.not ?? false,
    rules: query.rules.map((one) => ("rules" in one ? groupOf(one) : nodeOfRow(one))),
  };
}

/** What the builder shows, as it stands: unfinished rows and empty groups too. */
export const nodeOf = (query: Query): Group => groupOf(query);

/** The condition that the builder shows, in its one form. */
export const conditionOf = (query: Query): Node => tidy(groupOf(query));
