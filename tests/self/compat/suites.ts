/** Suites in the shapes of the on-demand worker framework's own, before they are moved. */
export const suites: Readonly<Record<string, string>> = {
  "monitoring/post.test.ts": `import { logError } from "@helpers/logger";
import { sendMetric, type ResponseMetricTags } from "@helpers/datadog";
import { verifyMessageStream } from "@helpers/streams";
import { setupDurationTracking } from "@helpers/vitest";
import { getInboxIds } from "@inboxes/utils";
import { typeofStream } from "@workers/main";
import { getWorkers } from "@workers/manager";
import { IdentifierKind, type Dm, type Group } from "@workers/versions";
import { describe, expect, it } from "vitest";

const testName = "post";
describe(testName, async () => {
  setupDurationTracking({ testName, initDataDog: true });
  const workers = await getWorkers(["henry", "ivy", "randomguest"], testName);
  workers.getAll().forEach((worker) => {
    worker.worker.startStream(typeofStream.Message);
  });
  let letter: Dm;
  let club: Group;

  it("newDm:writes to an inbox", async () => {
    letter = (await workers.get("henry")!.client.conversations.newDm(workers.get("ivy")!.client.inboxId)) as Dm;
    expect(await letter.send("dear ivy")).toBeDefined();
    const byAddress = await workers.get("henry")!.client.conversations.newDmWithIdentifier({
      identifier: workers.get("randomguest")!.address,
      identifierKind: IdentifierKind.Ethereum,
    });
    expect(byAddress.id).not.toBe(letter.id);
  });

  for (const size of [2, 3]) {
    it(\`club-\${size}:everybody of \${size} guests reads\`, async () => {
      try {
        club = (await workers.getCreator().client.conversations.newGroup([
          ...getInboxIds(size),
          ...workers.getAllButCreator().map((w) => w.client.inboxId),
        ])) as Group;
        expect((await club.members()).length).toBe(size + 3);
        const result = await verifyMessageStream(club, workers.getAllButCreator(), 2);
        sendMetric("response", result.averageEventTiming, { test: testName, sdk: workers.getCreator().sdk } as ResponseMetricTags);
        expect(result.allReceived).toBe(true);
        expect(await club.consentState).toBe(1);
      } catch (e) {
        logError(e, expect.getState().currentTestName);
        throw e;
      }
    });
  }
});
`,
  "monitoring/lists.test.ts": `import { getWorkers, type Worker, type WorkerManager } from "@workers/manager";
import { beforeAll, describe, expect, it } from "vitest";
import guests from "./guests.json";
import { loudly } from "./voice";

describe("lists", () => {
  let workers: WorkerManager;
  let creator: Worker;
  beforeAll(async () => {
    workers = await getWorkers(2, { randomNames: false });
    creator = workers.mustGetCreator();
  });
  it("greets", async () => {
    const dm = await creator.client.conversations.createDm(workers.mustGet("alice").inboxId);
    await dm.send(loudly(guests[0].name));
    expect((await dm.messages()).map((m) => m.content)).toContain("HELLO ROSA");
  });
});
`,
  "monitoring/voice.ts": `import { sleep } from "@helpers/client";
export const loudly = (name: string) => (sleep.length >= 0 ? \`hello \${name}\`.toUpperCase() : "");
`,
  "monitoring/guests.json": `[{ "name": "rosa" }]`,
  "chaos/apart.test.ts": `import { verifyMessageStream } from "@helpers/streams";
import { setupTestLifecycle } from "@helpers/vitest";
import { typeofStream } from "@workers/main";
import { getWorkers } from "@workers/manager";
import type { Group } from "@xmtp/node-sdk";
import { describe, expect, it } from "vitest";
import { DockerContainer } from "../../network-stability-utilities/container";
import * as iptables from "../../network-stability-utilities/iptables";

describe("apart", async () => {
  const workers = await getWorkers({
    ann: "http://localhost:5556",
    ben: "http://localhost:5556",
    cleo: "http://localhost:6556",
  });
  workers.startStream(typeofStream.MessageandResponse);
  setupTestLifecycle({ testName: "apart", expect });
  const near = new DockerContainer("multinode-node1-1");
  const far = new DockerContainer("multinode-node2-1");
  let group: Group;
  const textsOf = async (name: string) => {
    const copy = await workers.get(name)!.client.conversations.getConversationById(group.id);
    return (await copy!.messages()).map((m) => m.content);
  };

  it("a node that hears nothing of the others catches up", async () => {
    group = await workers.createGroupBetweenAll("apart");
    await group.sync();
    expect((await verifyMessageStream(group, workers.getAllButCreator())).receptionPercentage).toBeGreaterThanOrEqual(99);
    far.simulateBlackhole([near]);
    await group.send("psst");
    await new Promise((r) => setTimeout(r, 1000));
    expect(await textsOf("cleo")).not.toContain("psst");
    expect(() => far.ping(near)).toThrow();
    far.clearBlackhole([near]);
    await new Promise((r) => setTimeout(r, 2000));
    await workers.checkForks();
    expect(await textsOf("cleo")).toContain("psst");
  });

  it("a blocked port holds what was sent until it is open again", async () => {
    iptables.blockHostPort(6556);
    await group.send("held");
    await new Promise((r) => setTimeout(r, 1000));
    await workers.checkForks();
    expect(await textsOf("cleo")).not.toContain("held");
    iptables.unblockHostPort(6556);
    near.addJitter(60, 10);
    try {
      near.addLoss(3);
    } catch (e) {
      console.warn("no loss", (e as Error).message);
    }
    const result = await verifyMessageStream(group, workers.getAllButCreator());
    near.clearLatency();
    expect(result.receptionPercentage).toBeGreaterThanOrEqual(99);
    expect(await textsOf("cleo")).toContain("held");
  });
});
`,
  "odd/accounts.test.ts": `import accounts from "@inboxes/manualusers.json";
import { describe, it } from "vitest";
describe("accounts", () => it("are some", () => void accounts));
`,
  "odd/spies.test.ts": `import { describe, it, vi } from "vitest";
describe("spies", () => it("are none", () => void vi.fn()));
`,
  "odd/outside.test.ts": `import { getWorkers } from "@workers/manager";
import { describe, it } from "vitest";
const workers = await getWorkers(1);
describe("outside", () => it("is late", () => void workers));
`,
  "odd/alone.test.ts": `import { loudly } from "./quiet";
import { describe, it } from "vitest";
describe("alone", () => it("is", () => void loudly));
`,
  "pings/timed.test.ts": `import { describe, expect, it } from "vitest";
import { DockerContainer } from "../../network-stability/container";
describe("pings", () =>
  it("take their time", () => {
    const [one, two] = [new DockerContainer("node1"), new DockerContainer("node2")];
    const start = Date.now();
    one.ping(two);
    expect(Date.now() - start).toBeGreaterThan(200);
  }));
`,
  "pings/told.test.ts": `import { getWorkers } from "@workers/manager";
import { describe, expect, it } from "vitest";
describe("told", () => {
  it("should fail on a bad day", () => expect(process.env.WALLET_KEY).toBeUndefined());
  it("goes on", async () => {
    const workers = await getWorkers(["ann", "ben"]);
    const group = await workers.createGroupBetweenAll("old");
    const ben = workers.mustGet("ben");
    await ben.client.conversations.sync();
    const copy = await ben.client.conversations.getConversationById(group.id);
    expect(copy.name).toBe("old");
    while (true) await new Promise((r) => setTimeout(r, 1000));
  });
});
`,
  "monitoring/earlier.test.ts": `import { ContentTypeReaction, type Reaction } from "@xmtp/content-type-reaction";
import { LogLevel, parseTestName } from "./summary";
import { verifyAddMemberStream, verifyMessageStream } from "@helpers/streams";
import { getInboxIds, getRandomInboxIds } from "@inboxes/utils";
import { typeofStream } from "@workers/main";
import { getWorkers, type Worker, type WorkerManager } from "@workers/manager";
import { generatePrivateKey } from "viem/accounts";
import { beforeAll, describe, expect, it } from "vitest";

describe("earlier forms", () => {
  let workers: WorkerManager;
  beforeAll(async () => {
    workers = await getWorkers(["ann", "ben"], "sync", typeofStream.Message);
  });
  it("a stream behind the test's name runs from the start", async () => {
    const ann = workers.mustGet("ann");
    expect(ann.native.worker.activeStreamTypes.has(typeofStream.Message)).toBe(true);
    const dm = await ann.client.conversations.newDm(workers.mustGet("ben").inboxId);
    expect((await verifyMessageStream(dm, [ann], 2)).allReceived).toBe(true);
    const reaction: Reaction = { action: "added", content: "x", reference: "y", schema: "shortcode" };
    await dm.send(reaction as unknown as string, ContentTypeReaction).catch((e) => expect(e).toBeDefined());
  });
  it("who is added sees the group come", async () => {
    const group = await groupOf(workers.mustGet("ann"));
    const ben = workers.mustGet("ben");
    expect((await verifyAddMemberStream(group, [ben], [ben.client.inboxId])).allReceived).toBe(true);
    expect(getRandomInboxIds(-37)).toHaveLength(3);
    expect([LogLevel.error, generatePrivateKey().length]).toEqual(["Error", 66]);
    expect(parseTestName("send-5:x").members).toBe("5");
  });
  it("streams of the SDK may stay open, and be opening, at the end", async () => {
    const { conversations } = workers.mustGet("ben").client;
    await conversations.streamAllMessages((err, message) => void [err, message]);
    conversations.stream((err, conversation) => void [err, conversation]);
  });
});
async function groupOf(worker: Worker) {
  const [own] = [await getWorkers(["ann"])];
  const group = await own.mustGet(worker.name).client.conversations.newGroup(getInboxIds(2));
  return group;
}
`,
  "odd/lost.test.ts": `import people from "./nowhere.json";
import { twice } from "left-here-by-nobody";
import { describe, it } from "vitest";
describe("lost", () => it("is", () => void twice(people)));
`,
  "odd/quiet.ts": `import { whisper } from "@helpers/whisper";
export const loudly = whisper;
`,
};
