import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "playwright-xmtp";
import { renderSequence } from "#src/timeline/index.js";

const program = fileURLToPath(new URL("./bots/answer.py", import.meta.url));
const missing = spawnSync("python3", ["--version"]).status !== 0;

test("a program in Python, which no SDK leads to the node, is a party too", async ({
  launch,
  alice,
  chaos,
  ledger,
}) => {
  test.skip(missing, "python3 is missing here");
  const group = await alice.createGroup([]);
  const app = await launch("python", {
    command: `python3 ${JSON.stringify(program)}`,
    env: { GROUP_ID: group.id },
  });
  await app.waitForOutput(/subscribed/);
  const seen = (what: string) =>
    ledger.events.flatMap((event) =>
      event.kind === "line" &&
      event.worker === "python" &&
      event.what === what &&
      event.conversationId === group.id
        ? [event]
        : [],
    );
  /** What others said there, a commit too: it answers each. */
  const heard = () => {
    const own = seen("published").map(({ sequenceId }) => sequenceId);
    return seen("delivered").filter(({ sequenceId }) => !own.includes(sequenceId));
  };
  await group.sendText("hello");
  await app.waitForOutput(/answered \d+/);
  // The commit that a first text brings along comes before it.
  await expect.poll(() => heard().some(({ commit }) => !commit)).toBe(true);
  await expect.poll(() => heard().length - seen("published").length).toBe(0);
  // Who it is nobody knows: it has registered no installation.
  expect(app.inboxId).toBe("");

  const slow = await chaos.latency(app, 100);
  expect(slow.evidence.get("python")).toContain("ms");
  await slow.lift();
  const failing = await chaos.node.failCalls(app, "SendGroupMessages", { code: 14, times: 1 });
  const before = seen("published").length;
  await group.sendText("and you?");
  await expect.poll(() => failing.hits("python")).toBe(1);
  expect(seen("published")).toHaveLength(before);

  const picture = renderSequence(ledger.events, { title: "a program in Python", subtitle: "", verdicts: [] });
  expect(picture).toContain(">python<");
  expect(picture).toContain("no worker received it");
});
