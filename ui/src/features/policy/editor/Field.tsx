import { Input } from "antd";
import { type ReactNode, useEffect, useState } from "react";
import { useEditorScope } from "./Scope";

interface FieldProps {
  label: string;
  hint?: string;
  wide?: boolean;
  children: ReactNode;
}

/** A labelled control of a card. */
export function Field({ label, hint, wide = false, children }: FieldProps) {
  return (
    <div className={wide ? "qd-field qd-field-wide" : "qd-field"}>
      <span className="qd-field-label">{label}</span>
      {children}
      {hint && <span className="qd-field-hint">{hint}</span>}
    </div>
  );
}

interface InputProps {
  label: string;
  value: string;
  maxLength: number;
  onChange: (value: string) => void;
  placeholder?: string;
}

/** A line of text that is handed on when the person leaves it or presses Enter. */
export function LazyInput({ label, value, maxLength, onChange, placeholder }: InputProps) {
  const { readOnly } = useEditorScope();
  const [typed, setTyped] = useState(value);
  useEffect(() => setTyped(value), [value]);
  const commit = () => typed !== value && onChange(typed);
  return (
    <Input
      aria-label={label}
      value={typed}
      disabled={readOnly}
      maxLength={maxLength}
      placeholder={placeholder}
      onChange={(event) => setTyped(event.target.value)}
      onBlur={commit}
      onPressEnter={commit}
    />
  );
}
