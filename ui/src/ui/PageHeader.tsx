import { type ReactNode, useEffect } from "react";
import { useTranslation } from "react-i18next";
import "./page-header.css";

interface Props {
  title: string;
  note?: ReactNode;
  actions?: ReactNode;
}

/** Title line of a page; names the browser tab too. */
export function PageHeader({ title, note, actions }: Props) {
  const { t } = useTranslation();
  useEffect(() => {
    document.title = `${title} · ${t("product.name")}`;
  }, [title, t]);
  return (
    <header className="qd-page-header">
      <h1>{title}</h1>
      {note !== undefined && <div className="qd-page-note">{note}</div>}
      <div className="qd-page-actions">{actions}</div>
    </header>
  );
}
