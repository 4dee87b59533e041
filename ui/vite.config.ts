import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { pagesInDev } from "./mock/pages.ts";
import { mockServer } from "./mock/plugin.ts";

const server = process.env.QINGDAN_SERVER ?? "http://127.0.0.1:8000";
const mocked = process.env.QINGDAN_MOCK === "1";

export default defineConfig({
  base: "/static/ui/",
  plugins: [react(), pagesInDev(), ...(mocked ? [mockServer()] : [])],
  server: { proxy: mocked ? {} : { "/api": { target: server, changeOrigin: true } } },
  build: {
    outDir: "../src/qingdan/web/static/ui",
    emptyOutDir: true,
    sourcemap: false,
    target: "es2022",
    chunkSizeWarningLimit: 1200,
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            {
              name: "react",
              test: /node_modules[\\/](react|react-dom|scheduler|react-router)[\\/]/,
              priority: 2,
            },
          ],
        },
      },
    },
  },
  test: { include: ["src/**/*.test.ts"], environment: "node" },
} as Parameters<typeof defineConfig>[0]);
