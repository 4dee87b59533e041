import { createContext, type ReactNode, use, useCallback, useEffect, useMemo, useState } from "react";
import { speak } from "../api/http";
import type { Language } from "../api/types";
import { i18n, LOCALES } from "./i18n";
import { paint, type Scheme } from "./theme";

export type ThemeChoice = Scheme | "system";

interface Preferences {
  language: Language;
  setLanguage: (language: Language) => void;
  theme: ThemeChoice;
  setTheme: (theme: ThemeChoice) => void;
  scheme: Scheme;
}

const Context = createContext<Preferences | null>(null);

/** Reads a stored choice; private windows without storage fall back to the default. */
export function stored<T extends string>(key: string, allowed: readonly T[], otherwise: T): T {
  const value = localStorage.getItem(`qingdan.${key}`);
  return allowed.find((one) => one === value) ?? otherwise;
}

const dark = () => window.matchMedia("(prefers-color-scheme: dark)");

/** Language and colour scheme of this browser, kept between visits. Chinese comes first. */
export function PreferencesProvider({ children }: { children: ReactNode }) {
  const [language, chooseLanguage] = useState(() => stored<Language>("language", ["zh", "en"], "zh"));
  const [theme, chooseTheme] = useState(() =>
    stored<ThemeChoice>("theme", ["system", "light", "dark"], "system"),
  );
  const [systemDark, setSystemDark] = useState(() => dark().matches);

  useEffect(() => {
    const media = dark();
    const follow = (event: MediaQueryListEvent) => setSystemDark(event.matches);
    media.addEventListener("change", follow);
    return () => media.removeEventListener("change", follow);
  }, []);

  const scheme: Scheme = theme === "system" ? (systemDark ? "dark" : "light") : theme;

  const setLanguage = useCallback((next: Language) => {
    localStorage.setItem("qingdan.language", next);
    speak(next);
    void i18n.changeLanguage(LOCALES[next]);
    chooseLanguage(next);
  }, []);
  const setTheme = useCallback((next: ThemeChoice) => {
    localStorage.setItem("qingdan.theme", next);
    chooseTheme(next);
  }, []);

  useEffect(() => paint(scheme, document.documentElement), [scheme]);
  useEffect(() => {
    document.documentElement.lang = LOCALES[language];
  }, [language]);

  const value = useMemo(
    () => ({ language, setLanguage, theme, setTheme, scheme }),
    [language, setLanguage, theme, setTheme, scheme],
  );
  return <Context value={value}>{children}</Context>;
}

export function usePreferences(): Preferences {
  const value = use(Context);
  if (!value) throw new Error("usePreferences needs a PreferencesProvider above it");
  return value;
}
