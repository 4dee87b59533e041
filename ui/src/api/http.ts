import type { Language, Problem } from "./types";

/** What the server refused, in both languages, with what to do about it. */
export class ApiError extends Error {
  readonly status: number;
  readonly problem: Problem;

  constructor(status: number, problem: Problem) {
    super(problem.en);
    this.status = status;
    this.problem = problem;
  }

  /** What happened. */
  text(language: Language): string {
    return this.problem[language];
  }

  /** What to do; empty when the server gave no advice. */
  advice(language: Language): string {
    return language === "zh" ? this.problem.advice_zh : this.problem.advice_en;
  }
}

const OFFLINE: Problem = {
  code: "offline",
  zh: "连不上服务器。",
  en: "The server can not be reached.",
  advice_zh: "请检查网络，或确认清单正在运行，然后重试。",
  advice_en: "Check the network, or that Qingdan is running, then try again.",
};

const BROKEN: Problem = {
  code: "broken",
  zh: "服务器没有按约定回答。",
  en: "The server gave an answer we do not understand.",
  advice_zh: "请稍后重试；仍不行时请把时间告诉管理员，以便查日志。",
  advice_en: "Try again later; if it stays, tell your administrator the time so that the log can be read.",
};

type Method = "GET" | "POST" | "PUT" | "DELETE";

interface Options {
  query?: URLSearchParams;
  body?: unknown;
  signal?: AbortSignal | undefined;
}

let language: Language = "zh";

/** Language that the server explains orders in. */
export function speak(next: Language): void {
  language = next;
}

export function cookie(name: string, jar: string): string {
  for (const part of jar.split("; ")) {
    if (part.startsWith(`${name}=`)) return decodeURIComponent(part.slice(name.length + 1));
  }
  return "";
}

async function problemOf(response: Response): Promise<Problem> {
  try {
    const answer = (await response.json()) as { error?: Problem };
    return answer.error?.zh ? answer.error : BROKEN;
  } catch {
    return BROKEN;
  }
}

async function send(method: Method, path: string, { query, body, signal }: Options): Promise<Response> {
  const search = query?.toString();
  const headers: Record<string, string> = { Accept: "application/json", "Accept-Language": language };
  if (method !== "GET") headers["X-CSRFToken"] = cookie("csrftoken", document.cookie);
  const form = body instanceof FormData;
  if (body !== undefined && !form) headers["Content-Type"] = "application/json";
  const init: RequestInit = { method, headers, credentials: "same-origin", signal: signal ?? null };
  if (body !== undefined) init.body = form ? body : JSON.stringify(body);
  let response: Response;
  try {
    response = await fetch(search ? `${path}?${search}` : path, init);
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiError(0, OFFLINE);
  }
  if (!response.ok) throw new ApiError(response.status, await problemOf(response));
  return response;
}

/** Calls the API and reads its JSON. Raises `ApiError`. */
export async function call<T>(method: Method, path: string, options: Options = {}): Promise<T> {
  const response = await send(method, path, options);
  if (response.status === 204) return undefined as T;
  return (await response.json()) as T;
}

/** Calls the API and hands the answer to the browser as a file to keep. Raises `ApiError`. */
export async function download(
  method: Method,
  path: string,
  fallbackName: string,
  options: Options = {},
): Promise<void> {
  const response = await send(method, path, options);
  const named = /filename\*?=(?:UTF-8'')?"?([^";]+)/i.exec(response.headers.get("content-disposition") ?? "");
  const address = URL.createObjectURL(await response.blob());
  const link = document.createElement("a");
  link.href = address;
  link.download = named?.[1] ? decodeURIComponent(named[1]) : fallbackName;
  link.click();
  URL.revokeObjectURL(address);
}

/**
 * Uploads a form and reports how much of it has left (0 to 1), which `fetch` can not. Raises `ApiError`.
 */
export function upload<T>(path: string, form: FormData, onSent: (share: number) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", path);
    request.responseType = "json";
    request.setRequestHeader("Accept", "application/json");
    request.setRequestHeader("Accept-Language", language);
    request.setRequestHeader("X-CSRFToken", cookie("csrftoken", document.cookie));
    request.upload.onprogress = (event) => {
      if (event.lengthComputable) onSent(event.loaded / event.total);
    };
    request.onerror = () => reject(new ApiError(0, OFFLINE));
    request.onload = () => {
      if (request.status >= 200 && request.status < 300) {
        resolve(request.response as T);
        return;
      }
      const problem = (request.response as { error?: Problem } | null)?.error;
      reject(new ApiError(request.status, problem?.zh ? problem : BROKEN));
    };
    request.send(form);
  });
}
