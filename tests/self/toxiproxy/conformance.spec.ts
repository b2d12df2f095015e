import { expect, test } from "@playwright/test";
import { startToxiproxy } from "#src/toxiproxy/index.js";
import { REAL_VERSION, findRealToxiproxy, startRealToxiproxy } from "../../../scripts/real-toxiproxy.mjs";
import { Rig } from "./rig.js";
import { client } from "./checks/client.js";
import { effects } from "./checks/effects.js";
import { integrity } from "./checks/integrity.js";
import { plane } from "./checks/plane.js";
import { populating } from "./checks/populate.js";
import { proxies, unaddressable } from "./checks/proxies.js";
import { robustness } from "./checks/robustness.js";
import { routes } from "./checks/routes.js";
import { toxicApi } from "./checks/toxic-api.js";
import { updates } from "./checks/updates.js";
import type { Check } from "./check.js";
import type { EmbeddedToxiproxy } from "#src/toxiproxy/index.js";
import type { RealToxiproxy } from "../../../scripts/real-toxiproxy.mjs";

const groups = {
  routes,
  proxies,
  updates,
  toxicApi,
  populating,
  client,
  plane,
  effects,
  robustness,
  integrity,
  unaddressable,
};
const real = findRealToxiproxy();
const rows: { check: string; embedded: string; real: string }[] = [];

// One process runs them all, so that the table at the end is whole.
test.describe.configure({ mode: "default" });

let embedded: EmbeddedToxiproxy;
let reference: RealToxiproxy | undefined;

test.beforeAll(async () => {
  embedded = await startToxiproxy();
  reference = real.path === undefined ? undefined : await startRealToxiproxy(real.path);
});

test.afterAll(async () => {
  await embedded.close();
  await reference?.stop();
  printTable();
});

for (const [group, checks] of Object.entries(groups)) {
  for (const check of checks) {
    test(`${group}: ${check.name}`, async () => {
      test.skip(check.linux === true && process.platform !== "linux", "needs /proc/net/tcp");
      const row = { check: `${group}: ${check.name}`, embedded: "DIFFERS", real: "skipped" };
      rows.push(row);
      expect.soft(await look(embedded.url, check), "embedded").toEqual(check.expected);
      row.embedded = "as expected";
      if (!reference) return;
      row.real = "DIFFERS";
      const { documented } = check;
      if (documented && !("real" in documented)) {
        expect(await sacrifice(check), "real").toEqual(expect.stringMatching(/^hangs$|^dies$/));
        row.real = `${documented.row}: hangs or dies`;
        return;
      }
      expect(await look(reference.url, check), "real").toEqual(documented ? documented.real : check.expected);
      row.real = documented ? `${documented.row}: differs` : "as expected";
    });
  }
}

async function look(url: string, { run }: Check): Promise<unknown> {
  const rig = new Rig(url);
  try {
    return await run(rig);
  } finally {
    await rig.clean();
  }
}

/** A check that real servers do not survive, on one of its own. */
async function sacrifice({ run }: Check): Promise<unknown> {
  const victim = await startRealToxiproxy(real.path ?? "");
  const rig = new Rig(victim.url, 1500);
  const died = victim.exited.then(() => "dies");
  // Without an answer the server hangs; a broken call means that it is about to be gone.
  const seen = run(rig).catch((error: unknown) =>
    /no answer|not within/.test(String(error)) ? "hangs" : died,
  );
  try {
    return await Promise.race([died, seen]);
  } finally {
    rig.end();
    await victim.stop();
  }
}

function printTable(): void {
  const width = Math.max(...rows.map(({ check }) => check.length));
  const lines = rows.map(
    ({ check, embedded: mine, real: theirs }) => `${check.padEnd(width)}  ${mine}  ${theirs}`,
  );
  const count = (text: string) => rows.filter(({ real: theirs }) => theirs.includes(text)).length;
  const summary = real.path
    ? `real ${REAL_VERSION}: ${count("as expected")} as expected, ${count("differs")} documented differences, ${count("hangs or dies")} hang or kill it`
    : `real: skipped (${real.missing})`;
  process.stdout.write(`${["", ...lines, `${rows.length} checks; ${summary}`, ""].join("\n")}\n`);
}
