/** `npm run bench`: each benchmark in a process of its own, one after the other. Names as arguments run only those. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const all = ["hello", "overhead", "ledger", "node", "memory", "growth", "oracles"];
// Only when named: "long" takes a quarter of an hour, "toxiproxy" has a script of its own.
const wanted = process.argv.length > 2 ? process.argv.slice(2) : all;
for (const name of wanted) {
  console.log(`\n# ${name}`);
  const file = fileURLToPath(new URL(`./${name}.mjs`, import.meta.url));
  const [code] = await once(spawn(process.execPath, ["--expose-gc", file], { stdio: "inherit" }), "exit");
  if (code !== 0) process.exitCode = 1;
}
