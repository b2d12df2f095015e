/**
 * Runs an app's command as its parent, in a process group of its own, and ends the group when the Playwright process
 * is gone: its end of the standard input closes, whatever ended it, a kill -9 too.
 *
 * Arguments: the shell command. Signals to the group reach the command; this process outlives it by its exit code.
 */
import { spawn } from "node:child_process";

const command = process.argv[2] ?? "";
const child = spawn(command, { shell: true, stdio: ["ignore", "inherit", "inherit"] });

for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(signal, () => undefined);
process.stdin.on("end", () => process.kill(-process.pid, "SIGKILL")).resume();
child.on("error", () => process.exit(127));
child.on("exit", (code, signal) => {
  if (signal === null) process.exit(code ?? 1);
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
});
