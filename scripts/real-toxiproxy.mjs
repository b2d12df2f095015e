/**
 * A real Toxiproxy server for comparison and for `TOXIPROXY_URL` runs, where Go is installed.
 *
 *     npm run toxiproxy:real -- npx playwright test --project=chaos
 *
 * builds the server once through the Go module proxy into .cache/, starts it on a free loopback port, runs
 * the command with TOXIPROXY_URL set, and stops the server. Without Go it says "skipped" and succeeds.
 */
import { execFile, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, rename } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { argv, env, exit, pid, stderr } from "node:process";
import { URL, fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** The newest release that the Go module proxy gave when this was written; 2.13.0 was refused there. */
export const REAL_VERSION = env["TOXIPROXY_REAL_VERSION"] ?? "v2.12.0";

const MODULE = "github.com/Shopify/toxiproxy/v2";
const root = fileURLToPath(new URL("..", import.meta.url));
const binary = join(root, ".cache", "toxiproxy", REAL_VERSION, "server");
const run = promisify(execFile);

/** The built server's path, or why there is none. Never downloads. */
export function findRealToxiproxy() {
  const given = env["TOXIPROXY_REAL_BIN"];
  if (given) return { path: given };
  if (existsSync(binary)) return { path: binary };
  return { missing: `no server at ${binary}; build it with: npm run toxiproxy:real` };
}

/** Builds the server when it is not there yet. */
export async function installRealToxiproxy() {
  const found = findRealToxiproxy();
  if (found.path) return found;
  if (!(await hasGo())) return { missing: "no go on this machine" };
  const directory = join(binary, "..");
  const building = `${directory}.${pid}`;
  await mkdir(building, { recursive: true });
  stderr.write(`Building ${MODULE}/cmd/server@${REAL_VERSION} (once) ...\n`);
  const flags = `-X ${MODULE}.Version=${REAL_VERSION.slice(1)}`;
  await run("go", ["install", "-ldflags", flags, `${MODULE}/cmd/server@${REAL_VERSION}`], {
    cwd: root,
    env: { ...env, GOBIN: building, GO111MODULE: "on", GOFLAGS: "-buildvcs=false" },
  });
  await mkdir(join(directory, ".."), { recursive: true });
  // Two builders may race: the first to finish stays.
  if (!existsSync(binary)) await rename(building, directory);
  return { path: binary };
}

async function hasGo() {
  try {
    await run("go", ["version"]);
    return true;
  } catch (error) {
    if (error.code === "ENOENT") return false;
    throw error;
  }
}

/**
 * Starts the server at `path` on a free loopback port.
 * `exited` resolves with its exit code; `stop()` ends it and waits.
 */
export async function startRealToxiproxy(path) {
  const port = await freePort();
  const child = spawn(path, ["-host", "127.0.0.1", "-port", String(port)], {
    env: { ...env, LOG_LEVEL: "error" },
    stdio: ["ignore", "ignore", "pipe"],
  });
  // A Go program that dies says why at its end, before the stacks: the first lines of what came at once.
  let last = "";
  child.stderr.on("data", (part) => (last = String(part).slice(0, 2_000)));
  const exited = new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code, signal) => resolve(code ?? signal));
  });
  const url = `http://127.0.0.1:${port}`;
  await Promise.race([
    answers(url),
    exited.then((code) => Promise.reject(new Error(`The Toxiproxy server ended at once (${code}).`))),
  ]);
  return {
    url,
    port,
    pid: child.pid,
    exited,
    lastWords: () => last,
    async stop() {
      child.kill("SIGKILL");
      await exited;
    },
  };
}

function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

/** Polls until the control API answers; the caller races it with the server's end. */
async function answers(url) {
  const deadline = Date.now() + 10_000;
  for (;;) {
    try {
      if ((await globalThis.fetch(`${url}/version`)).ok) return;
    } catch (error) {
      if (Date.now() > deadline) throw new Error(`No answer from ${url} in 10 s.`, { cause: error });
    }
    await delay(20);
  }
}

async function main(command) {
  const found = await installRealToxiproxy();
  if (!found.path) {
    stderr.write(`skipped: ${found.missing}. Nothing ran against a real Toxiproxy.\n`);
    return 0;
  }
  if (command.length === 0) {
    stderr.write(`Toxiproxy ${REAL_VERSION} is at ${found.path}\n`);
    return 0;
  }
  const server = await startRealToxiproxy(found.path);
  stderr.write(`Toxiproxy ${REAL_VERSION} at ${server.url}\n`);
  let [died, done] = [false, false];
  const watching = server.exited.then((code) => {
    if (done) return;
    died = true;
    stderr.write(`\nThe Toxiproxy server ended by itself (${code}):\n${server.lastWords()}\n`);
  });
  try {
    const [program, ...args] = command;
    const child = spawn(program, args, { stdio: "inherit", env: { ...env, TOXIPROXY_URL: server.url } });
    const code = await new Promise((resolve, reject) => {
      child.once("error", reject);
      child.once("exit", (status) => resolve(status ?? 1));
    });
    // Whatever the command made of it: nothing after the server's end was tested.
    return died ? code || 1 : code;
  } finally {
    done = true;
    await server.stop();
    await watching;
  }
}

if (argv[1] === fileURLToPath(import.meta.url)) exit(await main(argv.slice(2)));
