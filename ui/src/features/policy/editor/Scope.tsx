import { createContext, type ReactNode, use } from "react";
import type { Bilingual } from "../../../api/types";
import type { WordList } from "../model/form";
import type { Lexicon } from "../model/lexicon";
import type { Group } from "../model/tree";

/** What every part of the editor may need to know. */
export interface EditorScope {
  names: Lexicon;
  words: readonly WordList[];
  /** Opens the editor of a word list; null makes a new one. */
  openWords: (name: string | null) => void;
  readOnly: boolean;
  /** A rule in plain words, as long as its condition is the one that was put in words. */
  sentence: (kind: string, id: string, condition: Group | null) => Bilingual | null;
}

const Context = createContext<EditorScope | null>(null);

export function EditorScopeProvider({ scope, children }: { scope: EditorScope; children: ReactNode }) {
  return <Context value={scope}>{children}</Context>;
}

export function useEditorScope(): EditorScope {
  const scope = use(Context);
  if (!scope) throw new Error("useEditorScope needs an EditorScopeProvider above it");
  return scope;
}
