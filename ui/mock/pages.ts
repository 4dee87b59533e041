import { readFile } from "node:fs/promises";
import path from "node:path";
import type { Connect, Plugin } from "vite";

const isPage = (url: string) =>
  !/^\/(api|admin|static|@|node_modules|src)/.test(url) && !/\.[a-z0-9]+($|\?)/i.test(url);

/**
 * Answers every page address with index.html, as the server does. Assets stand under /static/ui/ while the
 * pages stand at the root, which neither `vite` nor `vite preview` does by itself.
 */
export function pagesInDev(): Plugin {
  return {
    name: "qingdan-pages",
    apply: (_config, env) => env.command === "serve",
    configureServer(server) {
      const serve: Connect.NextHandleFunction = async (req, res, next) => {
        const url = req.url ?? "/";
        if (!isPage(url)) return next();
        const html = await readFile(path.resolve(server.config.root, "index.html"), "utf8");
        res.setHeader("content-type", "text/html; charset=utf-8");
        res.end(await server.transformIndexHtml("/static/ui/", html));
      };
      server.middlewares.use(serve);
    },
    configurePreviewServer(server) {
      const index = path.resolve(server.config.root, server.config.build.outDir, "index.html");
      server.middlewares.use(async (req, res, next) => {
        if (!isPage(req.url ?? "/")) return next();
        res.setHeader("content-type", "text/html; charset=utf-8");
        res.end(await readFile(index));
      });
    },
  };
}
