import { expect } from "playwright-xmtp";
import { consent, entity, identifierOf } from "../functional/support/sdk.js";
import { runs } from "./support/env.js";
import { test } from "./support/test.js";

test.use({ memberCount: 10 });

test("a client is created and registered", async ({ getWorkers, measure }) => {
  await getWorkers(["first"]);
  await measure.repeat("clientCreate", { n: runs }, (run) => getWorkers([`client${run + 1}`]));

  const all = (await getWorkers(Array.from({ length: runs + 1 }, (_, at) => `client${at}`))).getAll();
  expect(new Set(all.map(({ inboxId }) => inboxId)).size).toBe(runs + 1);
  for (const { client } of all) expect(client.isRegistered).toBe(true);
});

test("what a client asks about inboxes", async ({ alice, members, measure }) => {
  const addresses = members.map(identifierOf);
  const unknown = { ...identifierOf(alice), identifier: `0x${"00".repeat(20)}` };
  let state = await alice.client.preferences.inboxState();
  await measure.repeat("inboxState", { n: runs }, async () => {
    state = await alice.client.preferences.fetchInboxState();
  });
  expect(state.inboxId).toBe(alice.inboxId);
  expect(state.installations.map(({ id }) => id)).toEqual([alice.installationId]);

  let states: (typeof state)[] = [];
  await measure.repeat("inboxStates", { n: runs, size: members.length }, async () => {
    states = await alice.client.preferences.fetchInboxStates(members.map(({ inboxId }) => inboxId));
  });
  expect(new Set(states.map(({ inboxId }) => inboxId))).toEqual(
    new Set(members.map(({ inboxId }) => inboxId)),
  );

  let answers = new Map<string, boolean>();
  await measure.repeat("canMessage", { n: runs, size: members.length + 1 }, async () => {
    answers = await alice.client.canMessage([...addresses, unknown]);
  });
  expect(Object.fromEntries(answers)).toEqual({
    ...Object.fromEntries(addresses.map(({ identifier }) => [identifier, true])),
    [unknown.identifier]: false,
  });
});

test("consent is set and read", async ({ alice, members, measure }) => {
  const { preferences } = alice.client;
  const [member] = members;
  if (!member) throw new TypeError("There is no member.");
  const about = { entityType: entity.inbox, entity: member.inboxId };
  const wanted = (run: number): typeof consent.allowed => (run % 2 === 0 ? consent.allowed : consent.denied);
  await measure.repeat("setConsentStates", { n: runs }, (run) =>
    preferences.setConsentStates([{ ...about, state: wanted(run) }]),
  );
  expect(await preferences.getConsentState(about.entityType, about.entity)).toBe(wanted(runs - 1));
});
