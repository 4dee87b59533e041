import { createContext, type ReactNode, use } from "react";
import type { WordList } from "../model/form";
import type { Lexicon } from "../model/lexicon";

/** What every part of the editor may need to know. */
export interface EditorScope {
  names: Lexicon;
  words: readonly WordList[];
  /** Opens the editor of a word list; null makes a new one. */
  openWords: (name: string | null) => void;
  readOnly: boolean;
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
