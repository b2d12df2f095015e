/**
 * Runs a command on a machine that is busy, to find tests that a load can fail.
 *
 *     node scripts/busy.mjs [--load=16] [--minutes=60] -- npm test
 *
 * Burns CPU in so many processes beside the command, prints the load average each minute, and ends them with it:
 * also when it takes longer than `--minutes`, and each burner ends itself then whatever becomes of this process.
 */
import { clearInterval, setInterval } from "node:timers";
import { spawn } from "node:child_process";
import { loadavg } from "node:os";
import { argv, execPath, exit, stderr } from "node:process";
import { parseArgs } from "node:util";

const { values, positionals } = parseArgs({
  args: argv.slice(2),
  allowPositionals: true,
  options: { load: { type: "string", default: "16" }, minutes: { type: "string", default: "60" } },
});
const [load, minutes] = [values.load, values.minutes].map(Number);
const [program, ...args] = positionals;
if (program === undefined || !(load >= 1 && load <= 256) || !(minutes > 0 && minutes <= 240)) {
  stderr.write("Usage: node scripts/busy.mjs [--load=1..256] [--minutes=1..240] -- COMMAND\n");
  exit(2);
}

const burn = `const end = Date.now() + ${minutes * 60_000}; const parent = process.ppid;
while (Date.now() < end && process.ppid === parent) for (let i = 0; i < 1e7; i++);`;
const burners = Array.from({ length: load }, () => spawn(execPath, ["-e", burn], { stdio: "ignore" }));
const say = () => stderr.write(`busy: load average ${loadavg()[0].toFixed(1)}, ${load} burners\n`);
const telling = setInterval(say, 60_000);
const child = spawn(program, args, { stdio: "inherit" });
const code = await new Promise((resolve, reject) => {
  child.once("error", reject);
  child.once("exit", (status, signal) => resolve(status ?? signal));
}).finally(() => {
  clearInterval(telling);
  for (const burner of burners) burner.kill("SIGKILL");
});
say();
exit(typeof code === "number" ? code : 1);
