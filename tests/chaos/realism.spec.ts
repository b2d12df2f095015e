import { expect, test } from "playwright-xmtp";
import { complaints, groupOf, meet, received, say, storedTexts } from "./support.js";

test.use({ xmtpRealism: "real" });

const GROUPS = 6;

test("delivered as on a real node: what a poll passes over is lost to streams, told, and found by a sync", async ({
  getWorkers,
  network,
}) => {
  const workers = await getWorkers(["alice", "bob", "carol"]);
  const bob = workers.get("bob");
  const groups: string[] = [];
  for (let at = 0; at < GROUPS; at++) groups.push(await meet(workers));
  const before = (await network.stats()).lostDeliveries;
  const sent = new Map<string, string>();
  // Which round loses one is the seed's and the machine's affair; that one does is not.
  while ((await network.stats()).lostDeliveries === before) {
    await Promise.all(
      groups.flatMap((group) =>
        ["alice", "carol"].map((name) => {
          const text = `${name} ${sent.size}`;
          sent.set(text, group);
          return say(workers.get(name), group, text);
        }),
      ),
    );
  }
  const lostRows = (await network.stats()).lostDeliveries - before;
  // All that comes has come: nothing is stored any more, and a later message overtakes what is under way.
  for (const group of groups) await say(workers.get("alice"), group, `last of ${group}`);
  for (const group of groups) await expect(bob).toHaveReceived(`last of ${group}`);
  const lost = [...sent.keys()].filter((text) => !received(bob).includes(text));
  expect(lost.length, `rows passed over: ${lostRows}`).toBe(lostRows);
  for (const text of lost) {
    const group = sent.get(text) ?? "";
    expect(complaints(bob, group).join()).toContain(`bob never received "${text}"`);
    await (await groupOf(bob, group)).sync();
    expect(await storedTexts(bob, group)).toContain(text);
  }
});

test("with one group nothing is lost", async ({ getWorkers, network }) => {
  const workers = await getWorkers(["alice", "bob", "carol"]);
  const group = await meet(workers);
  const before = (await network.stats()).lostDeliveries;
  const texts = Array.from({ length: 40 }, (_, at) => `message ${at}`);
  await Promise.all(texts.map((text, at) => say(workers.get(at % 2 === 0 ? "alice" : "carol"), group, text)));
  for (const text of texts) await expect(workers.get("bob")).toHaveReceived(text);
  expect((await network.stats()).lostDeliveries).toBe(before);
});
