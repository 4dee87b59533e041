/** What can be undone. Edits of one thing in quick succession, such as typing, are one step. */
export interface History<T> {
  past: T[];
  present: T;
  future: T[];
  /** What the last edit touched, and when. */
  touched: string;
  at: number;
}

const STEPS = 200;
const TOGETHER_MS = 1_200;

export const begin = <T>(present: T): History<T> => ({ past: [], present, future: [], touched: "", at: 0 });

export function edit<T>(history: History<T>, next: T, touched: string, now: number): History<T> {
  if (next === history.present) return history;
  const together = touched !== "" && touched === history.touched && now - history.at < TOGETHER_MS;
  const past = together ? history.past : [...history.past, history.present].slice(-STEPS);
  return { past, present: next, future: [], touched, at: now };
}

export function undo<T>(history: History<T>): History<T> {
  const last = history.past.at(-1);
  if (last === undefined) return history;
  return {
    past: history.past.slice(0, -1),
    present: last,
    future: [history.present, ...history.future],
    touched: "",
    at: 0,
  };
}

export function redo<T>(history: History<T>): History<T> {
  const [next, ...future] = history.future;
  if (next === undefined) return history;
  return { past: [...history.past, history.present], present: next, future, touched: "", at: 0 };
}
