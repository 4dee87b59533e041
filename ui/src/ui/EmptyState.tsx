import type { ReactNode } from "react";
import "./empty-state.css";

/** Nothing here: says so, and what to do next. */
export function EmptyState({ title, text, action }: { title: string; text: string; action?: ReactNode }) {
  return (
    <div className="qd-empty">
      <svg viewBox="0 0 96 72" width="96" height="72" aria-hidden="true" focusable="false">
        <rect x="20" y="6" width="56" height="60" rx="5" className="qd-empty-sheet" />
        <path d="M32 24h32M32 36h32M32 48h18" className="qd-empty-line" />
        <circle cx="72" cy="56" r="12" className="qd-empty-dot" />
        <path d="M66.5 56.5l4 4 7-7.5" className="qd-empty-tick" />
      </svg>
      <strong>{title}</strong>
      <p>{text}</p>
      {action}
    </div>
  );
}
