/** What a form is, as a suite writes it, and what the report says of it. */
export interface Told {
  readonly text: string;
  /** Lines of the report; none: the file is moved without a word. */
  readonly says: readonly string[];
  /** Left as it is. */
  readonly stays?: true;
  /** Files beside it. */
  readonly beside?: Readonly<Record<string, string>>;
}

const vitest = `import { describe, expect, it } from "vitest";\n`;
const manager = `import { getWorkers } from "@workers/manager";\n`;
const one = (body: string, imports = ""): string =>
  `${vitest}${imports}describe("one", () => {\n  it("is", async () => {\n    ${body}\n  });\n});\n`;

/** One entry for each rule of migrate, and one for each form that looks like it and is none. */
export const refusals: Readonly<Record<string, Told>> = {
  // Imports.
  "default-export": {
    text: one("void people;", `import people from "@inboxes/list";\n`),
    says: [`not moved: the default export of "@inboxes/list" (people)`],
    stays: true,
  },
  namespace: {
    text: one("void all;", `import * as all from "@helpers/client";\n`),
    says: [`not moved: import * as all from "@helpers/client", used as a whole`],
    stays: true,
  },
  "no-counterpart": {
    text: one("whisper();", `import { whisper } from "@helpers/voice";\n`),
    says: [`not moved: whisper of "@helpers/voice" has no counterpart`],
    stays: true,
  },
  "type-without-counterpart": {
    text: one(
      "let loud: Whisper | undefined; void loud;",
      `import type { Whisper } from "@helpers/voice";\n`,
    ),
    says: ["note: type Whisper has no counterpart: it became any"],
  },
  "json-by-half-its-name": {
    text: one("void bots;", `import bots from "./bots";\n`),
    beside: { "bots.json": "[]" },
    says: ["not moved: it imports ./bots, and there is no such file"],
    stays: true,
  },
  "name-that-its-file-lacks": {
    text: one(
      "expect(sizes).toEqual([few, many]);",
      `import { few, many, sizes, type Size } from "./sizes";\n`,
    ),
    beside: { "sizes.ts": "export const few = 1, sizes = [few];\nexport interface Size { of: number }\n" },
    says: ["not moved: ./sizes has no many"],
    stays: true,
  },
  "names-that-its-file-has": {
    text: one(
      "expect([few, count(), new Box().of, both, left]).toBeDefined(); let a: Size; void (a! as Late);",
      `import count, { few, Box, both, left, Size, Late } from "./given";\n`,
    ),
    beside: {
      "given.ts": `export const few = 1, { left } = { left: 2 };
export class Box { of = few }
export default function count() { return few }
export interface Size { of: number }
const b = 3;
export { b as both };
`,
    },
    says: [],
  },
  "names-of-who-knows-where": {
    text: one("expect(few).toBe(1);", `import { few } from "./onward";\n`),
    beside: { "onward.ts": `export * from "./few";\n`, "few.ts": "export const few = 1;\n" },
    says: [],
  },
  "no-such-package": {
    text: one("twice();", `import { twice } from "left-here-by-nobody";\n`),
    says: ["not moved: it imports left-here-by-nobody, which is not installed"],
    stays: true,
  },
  "leans-on-what-was-not-moved": {
    text: one("expect(low).toBe(1);", `import { low } from "./low";\n`),
    beside: { "low.ts": `import { whisper } from "@helpers/voice";\nexport const low = whisper();\n` },
    says: ["not moved: it imports ./low, which was not moved"],
    stays: true,
  },
  // What runs when the file is loaded.
  "hook-outside": {
    text: `import { beforeAll, describe, it } from "vitest";\nbeforeAll(() => undefined);\ndescribe("one", () => it("is", () => undefined));\n`,
    says: ["not moved: beforeAll() outside of a describe"],
    stays: true,
  },
  script: {
    text: `${manager}async function main() {\n  await getWorkers(["ann"]);\n}\nmain().catch(() => process.exit(1));\n`,
    says: ["not moved: it has no case: what it does, it does when it is loaded"],
    stays: true,
  },
  // Names.
  "vitest-globals": {
    text: `describe("one", () => {\n  it("is", () => expect(1).toBe(1));\n});\n`,
    says: [],
  },
  "vitest-mocks-as-globals": {
    text: `describe("one", () => {\n  it("is", () => void vi.fn());\n});\n`,
    says: [`not moved: vi of "vitest" has no counterpart`],
    stays: true,
  },
  forgotten: {
    text: one("await nap(1); const map = { pause }; void map; expect(typeof never).toBe('undefined');"),
    says: ["WILL NOT PASS: uses nap, pause, which nothing declares"],
  },
  "types-and-node-are-there": {
    text: one(
      "let at: Forgotten | NodeJS.Timeout; at = setTimeout(() => process.uptime(), 0); clearTimeout(at);",
    ),
    says: [],
  },
  stranger: {
    text: one(
      `const workers = await getWorkers(["ann-a", "ben"]); workers.get("ann")!; workers.get("cleo")!; workers.mustGet("dan");`,
      manager,
    ),
    says: ["WILL NOT PASS: asks for cleo, dan, whom no getWorkers of it makes"],
  },
  "guest-of-a-list": {
    text: one(
      `const names = ["ann"]; const workers = await getWorkers(names); workers.get("cleo")!; new Map([["eve", 1]]).get("eve")!;`,
      manager,
    ),
    says: [],
  },
  "asks-whether-there-is-one": {
    text: one(
      `const workers = await getWorkers({ "ann-a": "http://localhost:5556", ben: "http://localhost:6556" }); workers.get("ann")!; expect(workers.get("cleo")?.name).toBe(undefined);`,
      manager,
    ),
    says: [],
  },
  // What cannot come.
  "another-hand": {
    text: one(
      `const [ann] = (await getWorkers(["ann"])).getAll();
    const stream = ann!.client.conversations.stream();
    for await (const found of stream) if (found) break;`,
      manager,
    ),
    says: ["WILL NOT PASS: iterates a stream right after opening it"],
  },
  "another-hand-at-once": {
    text: one(
      `const [ann] = (await getWorkers(["ann"])).getAll();
    for await (const found of await ann!.client.conversations.streamAllMessages()) if (found) break;`,
      manager,
    ),
    says: ["WILL NOT PASS: iterates a stream right after opening it"],
  },
  "own-hand": {
    text: one(
      `const [ann] = (await getWorkers(["ann"])).getAll();
    const stream = ann!.client.conversations.stream();
    await ann!.client.conversations.newGroup([]);
    for await (const found of stream) if (found) break;`,
      manager,
    ),
    says: [],
  },
  "own-hand-later": {
    text: one(
      `const [ann] = (await getWorkers(["ann"])).getAll();
    setTimeout(() => void ann!.client.conversations.newGroup([]), 10);
    const stream = ann!.client.conversations.stream();
    for await (const found of stream) if (found) break;`,
      manager,
    ),
    says: [],
  },
  "left-alone": {
    text: one(
      `const [ann] = (await getWorkers(["ann"])).getAll();
    const timer = setInterval(() => { void (async () => { await ann!.client.conversations.sync(); })(); }, 10);
    clearInterval(timer);`,
      manager,
    ),
    says: ["note: has work in a timer that nobody awaits or catches"],
  },
  "cared-for": {
    text: one(
      `const [ann] = (await getWorkers(["ann"])).getAll();
    const timer = setInterval(() => { void (async () => { try { await ann!.client.conversations.sync(); } catch { clearInterval(timer); } })(); }, 10);
    await new Promise((done) => setTimeout(done, 1)); clearInterval(timer);`,
      manager,
    ),
    says: [],
  },
  endless: {
    text: one("while (true) await new Promise((done) => setTimeout(done, 1));"),
    says: ["WILL NOT PASS: has a loop without an end"],
  },
  "timed-ping": {
    text: one(
      `const [near, far] = [new DockerContainer("n1"), new DockerContainer("n2")]; const from = Date.now(); near.ping(far); expect(Date.now() - from).toBeGreaterThan(200);`,
      `import { DockerContainer } from "../../network-stability/container";\n`,
    ),
    says: ["WILL NOT PASS: times a ping between nodes"],
  },
  "expects-loss": {
    text: one(
      `const workers = await getWorkers(["ann", "ben"]); const r = await verifyMessageStream(await workers.createGroupBetweenAll(), workers.getAllButCreator()); expect(r.allReceived).toBe(false);`,
      `${manager}import { verifyMessageStream } from "@helpers/streams";\n`,
    ),
    says: ["WILL NOT PASS: expects that a message is lost"],
  },
  "bot-of-a-public-network": {
    text: one(
      `const workers = await getWorkers(["ann"]); const dm = await workers.getCreator().client.conversations.newDmWithIdentifier({ identifier: "0x00000000000000000000000000000000000000aa", identifierKind: 0 }); await verifyBotMessageStream(dm, workers.getAll(), "hi");`,
      `${manager}import { verifyBotMessageStream } from "@helpers/streams";\n`,
    ),
    says: [
      "note: names an inbox of a public network",
      "WILL NOT PASS: waits for the answer of a bot on a public network",
    ],
  },
  "agents-by-network": {
    text: one(
      `const agents = [{ networks: ["dev"] }]; expect(agents.filter((a) => a.networks.includes("x"))).toEqual([]);`,
    ),
    says: ["note: takes agents of the public networks by XMTP_ENV"],
  },
  "sdk-that-is-not-here": {
    text: one(`await getWorkers(1, { nodeVersion: "3.0.1" });`, manager),
    says: ["note: several SDK versions", "WILL NOT PASS: asks for SDK 3.0.1, which is not installed here"],
  },
  "latency-between-nodes": {
    text: one(
      `new DockerContainer("n1").addFixedLatencyTo(new DockerContainer("n2"), 9);`,
      `import { DockerContainer } from "../../network-stability/container";\n`,
    ),
    says: ["WILL NOT PASS: latency between two nodes is refused"],
  },
  snapshot: {
    text: one(`expect({}).toMatchSnapshot();`),
    says: ["WILL NOT PASS: vitest's snapshots have no counterpart"],
  },
  // What means less.
  loss: {
    text: one(
      `try { new DockerContainer("n1").addLoss(3); } catch { expect(1).toBe(1); }`,
      `import { DockerContainer } from "../../network-stability/container";\n`,
    ),
    says: ["note: packet loss is refused"],
  },
  populated: {
    text: one(`await getWorkers(["bysize1000"]);`, manager),
    says: ["note: a populated database"],
  },
  keys: {
    text: one(`const [ann] = (await getWorkers(["ann"])).getAll(); void ann!.walletKey;`, manager),
    says: ["note: a worker's keys are not given out"],
  },
  "keys-of-the-environment": {
    text: one(`expect(process.env.WALLET_KEY).toBeUndefined();`),
    says: ["note: takes keys from the environment"],
  },
  "name-after-the-wrong-sync": {
    text: one(
      `const [ann] = (await getWorkers(["ann"])).getAll(); await ann!.client.conversations.sync();
    const club = await ann!.client.conversations.getConversationById("x");
    expect(club.name).toBe("old");`,
      manager,
    ),
    says: ["note: reads a group's name after conversations.sync()"],
  },
  "far-server": {
    text: one(`expect("https://example.org/x").toContain("x");`),
    says: ["note: speaks to a server outside of this machine"],
  },
  "own-server": { text: one(`expect("http://localhost:5556").toContain("5556");`), says: [] },
  "known-fault": {
    text: one(`expect(1).toBe(1); // the last one will fail on a slow day`),
    says: ["note: says of itself that it reproduces a fault"],
  },
  "fault-in-a-comment": { text: one(`expect(1).toBe(1); // new DockerContainer("n1").addLoss(3)`), says: [] },
};

const entry = (names: string): string => `import { ${names} } from "playwright-xmtp/compat";\n`;

/** Files on the compat entry that the second pass leaves there, and why. */
export const staysOnCompat: Readonly<Record<string, Told>> = {
  "a-value-of-its-own": {
    text: `${entry("describe, it, logError")}describe("one", () => {\n  it("is", () => void logError(1));\n});\n`,
    says: ["not moved: logError has no counterpart of the same form"],
  },
  "a-type-of-its-own": {
    text: `${entry("describe, it, type Worker")}describe("one", () => {\n  it("is", () => void (0 as unknown as Worker));\n});\n`,
    says: ["not moved: it names types of the compat entry"],
  },
  modifier: {
    text: `${entry("describe, it")}describe("one", () => {\n  it.skip("is", () => undefined);\n});\n`,
    says: ["not moved: a describe or case with a modifier"],
  },
  "async-describe": {
    text: `${entry("describe, it")}describe("one", async () => {\n  it("is", () => undefined);\n});\n`,
    says: ["not moved: an async describe: its workers live at its scope"],
  },
  "workers-of-a-describe": {
    text: `${entry("describe, getWorkers, it")}describe("one", () => {\n  const workers = getWorkers(1);\n  it("is", () => void workers);\n});\n`,
    says: ["not moved: workers that live at describe scope"],
  },
  options: {
    text: `${entry("describe, getWorkers, it")}describe("one", () => {\n  it("is", async () => void (await getWorkers(1, { randomNames: false })));\n});\n`,
    says: ["not moved: getWorkers with options"],
  },
  "verbs-that-differ": {
    text: `${entry("describe, getWorkers, it")}describe("one", () => {\n  it("is", async () => void (await getWorkers(1)).get(0)?.sdk);\n});\n`,
    says: ["not moved: verbs whose arguments or results differ"],
  },
};
