/**
 * Runs an app's command as its parent, in a process group of its own, and ends the group when the Playwright process
 * is gone: its end of the standard input closes, whatever ended it, a kill -9 too.
 *
 * Arguments: the shell command, and the NODE_OPTIONS that are the app's and not this process's. Signals to the group reach the command; this process outlives it by its exit code.
 */
import { spawn } from "node:child_process";
import { killEscaped } from "./escaped.js";

const [command = "", nodeOptions] = process.argv.slice(2);
const child = spawn(command, {
  shell: true,
  stdio: ["ignore", "inherit", "inherit"],
  env: { ...process.env, NODE_OPTIONS: nodeOptions },
});

for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(signal, () => undefined);
const end = (): void => {
  killEscaped(process.env["XMTP_LINE_URL"] ?? "");
  process.kill(-process.pid, "SIGKILL");
};
process.stdin.on("end", end).resume();
child.on("error", () => process.exit(127));
child.on("exit", (code, signal) => {
  if (signal === null) process.exit(code ?? 1);
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
});
