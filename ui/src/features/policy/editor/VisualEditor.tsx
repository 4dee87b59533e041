import { useState } from "react";
import type { Checked } from "../api";
import { type Form, SECTIONS } from "../model/form";
import { RuleSection } from "./RuleSection";
import { ScopeCard } from "./ScopeCard";
import { TierTable } from "./TierTable";
import { WordListSection } from "./WordLists";

interface Props {
  form: Form;
  checked: Checked;
  onForm: (form: Form, touched?: string) => void;
}

/** The policy as cards and grids, in the order in which its parts decide. */
export function VisualEditor({ form, checked, onForm }: Props) {
  const [open, setOpen] = useState<string | null>(null);
  return (
    <div className="qd-visual">
      <ScopeCard form={form} checked={checked} onForm={onForm} />
      {SECTIONS.map((section) => (
        <RuleSection
          key={section}
          section={section}
          form={form}
          checked={checked}
          open={open}
          onOpen={setOpen}
          onForm={onForm}
        />
      ))}
      <TierTable form={form} checked={checked} onForm={onForm} />
      <WordListSection form={form} onForm={onForm} />
    </div>
  );
}
