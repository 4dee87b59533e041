import { ApiError } from "../../api/http";
import type { Ruled, VerdictBody } from "./api";

/** A verdict on its way to the server. */
export interface Job {
  order: number;
  orderNo: string;
  body: VerdictBody;
  /** How often the server could not be reached or failed. */
  failures: number;
}

interface Ends {
  done: (job: Job, ruled: Ruled) => void;
  /** The server said no: the verdict did not take effect. */
  refused: (job: Job, error: ApiError) => void;
}

type Post = (order: number, body: VerdictBody) => Promise<Ruled>;
type Keep = Pick<Storage, "getItem" | "setItem">;

const KEY = "qingdan.desk.verdicts";
const AGAIN_MS = [500, 1_000, 2_000, 4_000, 8_000];

const away = (error: unknown): boolean =>
  !(error instanceof ApiError) || error.status === 0 || error.status >= 500 || error.status === 429;

/**
 * Sends verdicts and never loses one: what the server did not answer is sent again (it does a repeated verdict once),
 * survives a reload of the page, and ends as done or as refused.
 */
export class Sender {
  #jobs: readonly Job[] = [];
  #watchers = new Set<() => void>();
  readonly #post: Post;
  readonly #keep: Keep;
  readonly #ends: Ends;

  constructor(post: Post, keep: Keep, ends: Ends) {
    this.#post = post;
    this.#keep = keep;
    this.#ends = ends;
  }

  /** Verdicts that the server has not answered, the oldest first; the same array until it changes. */
  get jobs(): readonly Job[] {
    return this.#jobs;
  }

  watch(watcher: () => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  /** Send again what a page that was left could not. */
  resume(): void {
    const kept = JSON.parse(this.#keep.getItem(KEY) ?? "[]") as Job[];
    for (const job of kept) this.add(job.order, job.orderNo, job.body);
  }

  add(order: number, orderNo: string, body: VerdictBody): void {
    const job: Job = { order, orderNo, body, failures: 0 };
    this.#set([...this.#jobs.filter((other) => other.order !== order), job]);
    void this.#send(job);
  }

  async #send(job: Job): Promise<void> {
    try {
      const ruled = await this.#post(job.order, job.body);
      this.#set(this.#jobs.filter((other) => other !== job));
      this.#ends.done(job, ruled);
    } catch (error) {
      if (!this.#jobs.includes(job)) return;
      if (away(error)) {
        job.failures += 1;
        this.#set([...this.#jobs]);
        const wait = AGAIN_MS[Math.min(job.failures, AGAIN_MS.length) - 1];
        setTimeout(() => this.#jobs.includes(job) && void this.#send(job), wait);
        return;
      }
      this.#set(this.#jobs.filter((other) => other !== job));
      this.#ends.refused(job, error as ApiError);
    }
  }

  #set(jobs: readonly Job[]): void {
    this.#jobs = jobs;
    this.#keep.setItem(KEY, JSON.stringify(jobs));
    for (const watcher of this.#watchers) watcher();
  }
}
