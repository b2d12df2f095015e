import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "@playwright/test";
import { root } from "../../self/package/consumer.js";
import type { Consumer, Ended } from "../../self/package/consumer.js";

export { copiesOf, test } from "../../self/package/consumer.js";
export type { Consumer, Ended } from "../../self/package/consumer.js";

const { devDependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
  devDependencies: Record<string, string>;
};
/** What README installs beside the tarball. */
export const playwright = `@playwright/test@${devDependencies["@playwright/test"]}`;
/** The SDK that this repository develops on. */
export const developed = `@xmtp/node-sdk@${devDependencies["@xmtp/node-sdk"]}`;

/** Runs a command that must work. */
export async function must(
  consumer: Consumer,
  below: string,
  command: string,
  ...args: string[]
): Promise<Ended> {
  const ended = await consumer.run(command, args, below);
  expect(ended.exitCode, `${[command, ...args].join(" ")}\n${ended.output}`).toBe(0);
  return ended;
}

/** Names that some version of node-sdk has on a client's conversations, and some has not. */
const names = [
  "newDm",
  "createDm",
  "newGroup",
  "createGroup",
  "getDmByInboxId",
  "fetchDmByIdentifier",
  "streamAllMessages",
];

/**
 * Which of the SDK's methods TypeScript knows on `worker.client`, and which the running client has: the two must agree,
 * or an editor offers what the worker does not do.
 */
export async function typesAndClient(
  consumer: Consumer,
  below: string,
): Promise<{ readonly typed: string[]; readonly there: string[]; readonly version: string }> {
  const lines = names.map((name) => `void ((worker: Worker) => worker.client.conversations.${name});`);
  await consumer.write({
    [`${below}/types/package.json`]: '{ "type": "module" }',
    [`${below}/types/tsconfig.json`]: `{ "compilerOptions": { "module": "nodenext", "target": "es2022", "strict": true,
  "noEmit": true, "skipLibCheck": true, "types": [] } }`,
    [`${below}/types/methods.ts`]: ['import type { Worker } from "playwright-xmtp";', ...lines, ""].join(
      "\n",
    ),
    // A helper of the user's that takes the SDK's own client.
    [`${below}/types/helper.ts`]: `import type { Client } from "@xmtp/node-sdk";
import type { Worker } from "playwright-xmtp";
const helper = (client: Client): string => client.inboxId;
export const use = (worker: Worker): string => helper(worker.client);
`,
    [`${below}/tests/methods.spec.mjs`]: `import { test } from "playwright-xmtp";
test("methods", async ({ alice }) => {
  const there = ${JSON.stringify(names)}.filter((name) => name in alice.client.conversations);
  console.log("METHODS " + JSON.stringify({ version: alice.sdkVersion, there }));
});
`,
  });
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  const { output } = await consumer.run(process.execPath, [tsc, "-p", "."], `${below}/types`);
  expect(output.replaceAll(/^methods\.ts.*TS(2339|2551).*\n/gm, ""), "the helper compiles").toBe("");
  const typed = names.filter((_, at) => !output.includes(`methods.ts(${at + 2},`));
  const run = await must(consumer, below, "npx", "playwright", "test", "methods.spec.mjs");
  const [, json = ""] = /METHODS (.*)/.exec(run.output) ?? [];
  return { typed, ...(JSON.parse(json) as { there: string[]; version: string }) };
}
