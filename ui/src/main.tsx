import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app/App";
import { reloadWhenStale } from "./app/freshen";
import { startI18n } from "./app/i18n";
import { stored } from "./app/preferences";
import "antd/dist/reset.css";
import "./app/base.css";

reloadWhenStale();
startI18n(stored("language", ["zh", "en"], "zh"));

const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}
