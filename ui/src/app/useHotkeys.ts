import { useEffect, useRef } from "react";

/** `KeyboardEvent.code` → what it does. Codes, not characters: an input method changes the characters. */
export type Hotkeys = readonly (readonly [code: string, run: (event: KeyboardEvent) => void])[];

/** Whether a key press belongs to text being typed, or to a control that uses the keys itself. */
export function typing(event: KeyboardEvent): boolean {
  if (event.isComposing || event.keyCode === 229) return true;
  const target = event.target;
  if (!(target instanceof HTMLElement)) return false;
  return (
    target.isContentEditable ||
    target.matches("input, textarea, select, [role=combobox], [role=listbox] *, [role=menu] *") ||
    target.closest(".ant-modal, .ant-picker-dropdown") !== null
  );
}

/** Page-wide shortcuts without modifiers; never while the person types or a dialog asks something. */
export function useHotkeys(keys: Hotkeys, enabled = true): void {
  const latest = useRef(keys);
  useEffect(() => {
    latest.current = keys;
  });
  useEffect(() => {
    if (!enabled) return;
    const listen = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || typing(event)) return;
      latest.current.find(([code]) => code === event.code)?.[1](event);
    };
    window.addEventListener("keydown", listen);
    return () => window.removeEventListener("keydown", listen);
  }, [enabled]);
}
