import i18n from "i18next";
import { initReactI18next } from "react-i18next";
import { speak } from "../api/http";
import type { Language } from "../api/types";
import en from "../i18n/en.json";
import zh from "../i18n/zh-CN.json";

export const LOCALES: Record<Language, "zh-CN" | "en"> = { zh: "zh-CN", en: "en" };

/** Starts translation before the first render, so that no key is ever painted. */
export function startI18n(language: Language): void {
  speak(language);
  void i18n.use(initReactI18next).init({
    lng: LOCALES[language],
    fallbackLng: "zh-CN",
    resources: { "zh-CN": { translation: zh }, en: { translation: en } },
    interpolation: { escapeValue: false },
    returnNull: false,
  });
}

export { i18n };
