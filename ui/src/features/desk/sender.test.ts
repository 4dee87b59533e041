import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ApiError } from "../../api/http";
import type { Ruled, VerdictBody } from "./api";
import { Sender } from "./sender";

const PROBLEM = { code: "x", zh: "x", en: "x", advice_zh: "", advice_en: "" };
const RELEASE: VerdictBody = { verdict: "release", version: 3, reason: "", hold: "time" };
const failure = (status: number) => new ApiError(status, PROBLEM);

function memory() {
  const kept = new Map<string, string>();
  return {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
  };
}

function world(answers: (ApiError | "ok")[], keep = memory()) {
  const sent: number[] = [];
  const done: number[] = [];
  const refused: [number, number][] = [];
  const post = async (order: number) => {
    sent.push(order);
    const answer = answers.shift() ?? "ok";
    if (answer !== "ok") throw answer;
    return {} as Ruled;
  };
  const sender = new Sender(post, keep, {
    done: (job) => done.push(job.order),
    refused: (job, error) => refused.push([job.order, error.status]),
  });
  return { sender, sent, done, refused, keep };
}

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

test("a verdict outlasts a server that fails or is away, and is done once", async () => {
  const { sender, sent, done } = world([failure(0), failure(500), failure(503), "ok"]);
  sender.add(7, "A7", RELEASE);
  await vi.advanceTimersByTimeAsync(20_000);
  expect(done).toEqual([7]);
  expect(sent).toEqual([7, 7, 7, 7]);
  expect(sender.jobs).toEqual([]);
});

test("a refusal ends it and is told", async () => {
  const { sender, sent, refused } = world([failure(409)]);
  sender.add(7, "A7", RELEASE);
  await vi.advanceTimersByTimeAsync(20_000);
  expect(refused).toEqual([[7, 409]]);
  expect(sent).toEqual([7]);
});

test("what was not answered is sent again by the next page", async () => {
  const keep = memory();
  const first = world([failure(0), failure(0), failure(0), failure(0), failure(0), failure(0)], keep);
  first.sender.add(7, "A7", RELEASE);
  await vi.advanceTimersByTimeAsync(600);
  const second = world([], keep);
  second.sender.resume();
  await vi.advanceTimersByTimeAsync(10);
  expect(second.done).toEqual([7]);
  expect(keep.getItem("qingdan.desk.verdicts")).toBe("[]");
});
