import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, getWorkers as getWorkersOutside, test, typeofStream, XmtpTestError } from "playwright-xmtp";
import type { WorkerDefaults, WorkerNames, XmtpFixtures } from "playwright-xmtp";

/** Says what happened with the value, and what to do, under a code of its own. */
async function refusal(work: () => unknown): Promise<XmtpTestError> {
  let thrown: unknown;
  try {
    await work();
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(XmtpTestError);
  const error = thrown as XmtpTestError;
  expect(error.hint.length).toBeGreaterThan(10);
  expect(error.message.endsWith(error.hint)).toBe(true);
  return error;
}

const names: { what: string; given: WorkerNames; code: string; says: string }[] = [
  { what: "a name with a space", given: ["al ice"], code: "INVALID_NAME", says: '"al ice"' },
  { what: "an empty name", given: [""], code: "INVALID_NAME", says: '""' },
  { what: "a path as a name", given: ["../alice"], code: "INVALID_NAME", says: '"../alice"' },
  { what: "a name that is not text", given: [7] as never, code: "INVALID_NAME", says: "7" },
  { what: "a name twice", given: ["alice", "bob", "alice"], code: "DUPLICATE_WORKER", says: '"alice"' },
  {
    what: "a name twice in disguise",
    given: ["alice", "alice-a"],
    code: "DUPLICATE_WORKER",
    says: '"alice"',
  },
  { what: "no workers", given: 0, code: "INVALID_COUNT", says: "0 workers" },
  { what: "fewer than none", given: -1, code: "INVALID_COUNT", says: "-1 workers" },
  { what: "a worker and a half", given: 1.5, code: "INVALID_COUNT", says: "1.5 workers" },
  { what: "a number that is none", given: Number.NaN, code: "INVALID_COUNT", says: "NaN workers" },
  { what: "too many", given: 1_001, code: "INVALID_COUNT", says: "1001 workers" },
  { what: "a word for a URL", given: { alice: "nonsense" }, code: "BAD_URL", says: '"nonsense"' },
  { what: "another protocol", given: { alice: "ftp://127.0.0.1" }, code: "BAD_URL", says: "ftp://" },
  { what: "an SDK that is not installed", given: ["alice-a-9.9.9"], code: "SDK_VERSION", says: "9.9.9" },
];

names.push(
  { what: "one name alone", given: "alice" as never, code: "INVALID_NAME", says: 'getWorkers(["alice"])' },
  {
    what: "nothing",
    given: undefined as never,
    code: "INVALID_NAME",
    says: "undefined, which is not a list",
  },
);

for (const { what, given, code, says } of names) {
  test(`workers: ${what}`, async ({ getWorkers }) => {
    const error = await refusal(() => getWorkers(given));
    expect(error.code).toBe(code);
    expect(error.message).toContain(says);
  });
}

test("a refused name does not spoil the others", async ({ getWorkers }) => {
  await refusal(() => getWorkers(["alice", "al ice"]));
  const workers = await getWorkers(["alice", "bob"]);
  const group = await workers.createGroupBetweenAll("all well");
  await expect(workers.getAll()).toHaveConverged(group.id);
});

test("an unknown worker is answered with those that are known", async ({ getWorkers }) => {
  const workers = await getWorkers(["alice", "alice-b"]);
  for (const wanted of [
    () => workers.get("bob"),
    () => workers.get("alice", "c"),
    () => workers.getAllBut("bob"),
  ]) {
    const error = await refusal(wanted);
    expect(error.code).toBe("UNKNOWN_WORKER");
    expect(error.hint).toContain("alice (");
    expect(error.hint).toContain("alice-b (");
  }
  expect((await refusal(() => workers.get("alice-a-4.0.3"))).code).toBe("UNKNOWN_WORKER");
});

test("drawing more workers than there are", async ({ getWorkers }) => {
  const workers = await getWorkers(["alice", "bob"]);
  for (const count of [3, -1, 0.5]) {
    const error = await refusal(() => workers.getRandomWorkers(count));
    expect(error.code).toBe("INVALID_COUNT");
    expect(error.message).toContain(`${count} of 2`);
  }
  expect((await refusal(async () => (await getWorkers(["alice"])).getReceiver())).code).toBe("NO_WORKERS");
});

const options: readonly { what: string; given: unknown; says: string }[] = [
  { what: "an array", given: [{ retryDelayMs: 5 }], says: "is an array" },
  { what: "a text", given: "fast", says: '"fast"' },
  { what: "nothing at all", given: null, says: "null" },
  { what: "a field that does not exist", given: { retryDelay: 5 }, says: '"retryDelay"' },
  { what: "a negative number", given: { retryAttempts: -1 }, says: "-1" },
  { what: "a broken number", given: { startTimeoutMs: 0.5 }, says: "0.5" },
  { what: "a number as text", given: { retryDelayMs: "5" }, says: '"5"' },
];

/** Options are read before anything is asked of a node. */
const nowhere = "http://127.0.0.1:9";

for (const { what, given, says } of options) {
  test(`options: ${what}`, async () => {
    const error = await refusal(() =>
      getWorkersOutside(["alice"], "bad options", nowhere, { defaults: given as WorkerDefaults }),
    );
    expect(error.code).toBe("INVALID_OPTION");
    expect(error.message).toContain(says);
  });
}

test("an unknown option field names the known ones", async () => {
  const given = { retryDelay: 5 } as WorkerDefaults;
  const error = await refusal(() => getWorkersOutside(1, "bad options", nowhere, { defaults: given }));
  expect(error.hint).toContain("retryDelayMs");
});

test("an environment that does not exist, a URL with a path", async () => {
  for (const env of ["staging", "http://127.0.0.1:5556/path", "grpc://127.0.0.1:5556"]) {
    const error = await refusal(() => getWorkersOutside(["alice"], "bad environment", env));
    expect(error.code).toBe("BAD_URL");
    expect(error.message).toContain(env);
  }
});

test("nothing listens at the URL, or something else does", async () => {
  const server = createServer((_request, response) => response.end("a web page"));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const other = await refusal(() => getWorkersOutside(["alice"], "no node", url));
  await new Promise((resolve) => server.close(resolve));
  const nothing = await refusal(() => getWorkersOutside(["alice"], "no node", url));
  for (const error of [other, nothing]) {
    expect(error.code).toBe("NODE_UNREACHABLE");
    expect(error.message).toContain(url);
  }
});

test.describe("the node is down", () => {
  test.use({ workerDefaults: { startTimeoutMs: 300, retryDelayMs: 50 } });

  test("a worker cannot be made", async ({ getWorkers, network }) => {
    await network.stop();
    const error = await refusal(() => getWorkers(["alice"]));
    expect(error.code).toBe("WORKER_CREATE");
    expect(error.message).toContain('"alice"');
    expect(error.message).toContain(network.url);
  });

  test("a stream does not start; it does once the node is back", async ({ alice, network }) => {
    await network.stop();
    const error = await refusal(() => alice.startStream(typeofStream.Message));
    expect(error.code).toBe("STREAM_START");
    await expect(alice).toHaveNoActiveStreams();
    await network.start();
    await expect(async () => {
      await alice.startStream(typeofStream.Message);
    }).toPass({ timeout: 15_000 });
    expect(alice.activeStreamTypes).toEqual(new Set([typeofStream.Message]));
  });

  test("a start that nobody awaits fails the next verb instead", async ({ alice, network }) => {
    await network.stop();
    void alice.startStream(typeofStream.Conversation);
    await expect
      .poll(() => [...alice.events].some((event) => event.kind === "lifecycle" && event.state === "error"))
      .toBe(true);
    const error = await refusal(() => alice.endStream());
    expect(error.code).toBe("BACKGROUND_FAILURE");
    expect(error.message).toContain("alice's start of the conversation stream");
    await alice.endStream();
  });
});

test("collecting what never comes tells what came, and that no stream was live", async ({ alice, bob }) => {
  const dm = await alice.client.conversations.createDm(bob.inboxId);
  const deaf = await refusal(() => bob.collectMessages(dm.id, 1, { timeout: 50 }));
  expect(deaf.code).toBe("COLLECT_TIMEOUT");
  expect(deaf.message).toContain("collected 0 of 1 messages (text, of others) in 50 ms");
  expect(deaf.hint).toContain("startStream");

  await bob.startStream(typeofStream.Message);
  await dm.sendText("only one");
  await bob.collectMessages(dm.id);
  const short = await refusal(() => bob.collectMessages(dm.id, 2, { timeout: 50 }));
  expect(short.message).toContain("collected 1 of 2 messages (text, of others)");
  expect(short.message).toContain("only one");
});

/** What plain JavaScript lets through, and what it is told. */
const misuses: Record<string, [misuse: (given: Given) => unknown, code: string, says: string]> = {
  "a stream type in one's own words": [
    ({ alice }) => alice.startStream("messages" as never),
    "INVALID_OPTION",
    '"messages" is not a stream type. Use typeofStream.Message, ',
  ],
  "a sync type in one's own words": [
    ({ alice }) => alice.startSync("all" as never),
    "INVALID_OPTION",
    '"all" is not a type of sync. Use typeOfSync.SyncAll, ',
  ],
  "a latency with its unit": [
    ({ alice, chaos }) => chaos.latency(alice, "100ms" as never),
    "CHAOS_OPTION",
    'latencyMs is "100ms". Give a number or options: latency(alice, 100)',
  ],
  "a rate left out": [
    ({ alice, chaos }) => chaos.throttle(alice, undefined as never),
    "CHAOS_OPTION",
    "rateKBps is undefined.",
  ],
  "an option that a verb does not have": [
    ({ alice, chaos }) => chaos.latency(alice, { latencyMs: 100, jitter: 5 } as never),
    "CHAOS_OPTION",
    '"latency" has no option jitter. It has: latencyMs, jitterMs, direction.',
  ],
  "a direction that is none": [
    ({ alice, chaos }) => chaos.stall(alice, { direction: "up" as never }),
    "CHAOS_OPTION",
    'direction is "up". Give "both", "upstream"',
  ],
  "one number for a range": [
    ({ alice, chaos }) => chaos.flaky(alice, { downMs: 200 as never }),
    "CHAOS_OPTION",
    "downMs is 200. Give the shortest and the longest",
  ],
  "a client for a worker": [
    ({ alice, chaos }) => chaos.cut(alice.client as never),
    "CHAOS_TARGETS",
    "A fault cannot act on this object.",
  ],
  "nobody at all": [({ chaos }) => chaos.cut(undefined as never), "CHAOS_TARGETS", "act on undefined"],
};

const misusesOfTheNode: Record<
  string,
  [misuse: (network: XmtpFixtures["network"]) => unknown, code: string, says: string]
> = {
  "a fault without its options": [
    (network) => network.failNext("SendGroupMessages", undefined as never),
    "BAD_FAULT",
    'failNext got undefined for its options. Give an object, for example {"code":"UNAVAILABLE"}.',
  ],
  "a delay as a number": [
    (network) => network.delayNext("SendGroupMessages", 500 as never),
    "BAD_FAULT",
    'delayNext got 500 for its options. Give an object, for example {"ms":500}.',
  ],
};

type Given = Pick<XmtpFixtures, "alice" | "chaos">;

for (const [what, [misuse, code, says]] of Object.entries(misuses)) {
  test(`misuse: ${what}`, async ({ chaos, alice }) => {
    const error = await refusal(() => misuse({ chaos, alice }));
    expect(error.code).toBe(code);
    expect(error.message).toContain(says);
  });
}

for (const [what, [misuse, code, says]] of Object.entries(misusesOfTheNode)) {
  test(`misuse: ${what}`, async ({ network }) => {
    const error = await refusal(() => misuse(network));
    expect(error.code).toBe(code);
    expect(error.message).toContain(says);
  });
}

test("an unknown method is answered with the known ones, each once", async ({ network }) => {
  const error = await refusal(() => network.failNext("SendMessages" as never, { code: 14 }));
  const known = error.hint.replace(/^Use one of: |\.$/g, "").split(", ");
  expect(known).toContain("SendGroupMessages");
  expect(new Set(known).size).toBe(known.length);
});
