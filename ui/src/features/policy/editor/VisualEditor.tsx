import { useState } from "react";
import { SECTIONS } from "../model/form";
import { RuleSection } from "./RuleSection";
import { ScopeCard } from "./ScopeCard";
import { TablesSection } from "./TablesSection";
import { TierTable } from "./TierTable";
import type { Editor } from "./useEditor";
import { WordListSection } from "./WordLists";

/** The policy as cards and grids, in the order in which its parts decide. */
export function VisualEditor({ editor }: { editor: Editor }) {
  const { form, checked, change: onForm } = editor;
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
      <TierTable editor={editor} />
      <TablesSection editor={editor} />
      <WordListSection form={form} onForm={onForm} />
    </div>
  );
}
