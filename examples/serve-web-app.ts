import { join } from "node:path";
import { build, preview } from "vite";

const root = join(import.meta.dirname, "web-app");

/** A web server on the loopback address that ends with `await using`. */
export interface WebApp extends AsyncDisposable {
  /** For example `http://127.0.0.1:40123/`. */
  readonly url: string;
}

/**
 * Builds the app into `outDir`, and serves it on a free port.
 *
 * @param alias files that stand for packages, for an app on another version of one. Default: what is installed
 */
export async function serveApp(outDir: string, alias: Record<string, string> = {}): Promise<WebApp> {
  const shared = { root, configFile: false, logLevel: "error", resolve: { alias } } as const;
  await build({
    ...shared,
    worker: { format: "es" },
    build: { outDir, emptyOutDir: true, target: "es2022" },
  });
  const server = await preview({ ...shared, build: { outDir }, preview: { host: "127.0.0.1", port: 0 } });
  const [url] = server.resolvedUrls?.local ?? [];
  if (url === undefined) throw new Error("The web server has no address.");
  return { url, [Symbol.asyncDispose]: () => server.close() };
}
