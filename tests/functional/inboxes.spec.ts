import { expect, test, XmtpTestError } from "playwright-xmtp";
import { identifierOf } from "./support/sdk.js";

test("inboxes fill a group without a client each, and are the same ones next time", async ({
  alice,
  inboxes,
}) => {
  const three = await inboxes(3);
  const group = await alice.client.conversations.createGroup(three.map(({ inboxId }) => inboxId));

  expect((await group.members()).map(({ inboxId }) => inboxId)).toEqual(
    expect.arrayContaining([alice.inboxId, ...three.map(({ inboxId }) => inboxId)]),
  );
  expect((await inboxes(2)).map(({ inboxId }) => inboxId)).toEqual(
    three.slice(0, 2).map(({ inboxId }) => inboxId),
  );
  const dm = await alice.client.conversations.createDmWithIdentifier(
    identifierOf({ address: three[0]?.address ?? "" }),
  );
  expect(dm.peerInboxId).toBe(three[0]?.inboxId);
});

test("an inbox has as many installations as asked for, and its key shows nowhere", async ({
  alice,
  inboxes,
}) => {
  const [inbox] = await inboxes(1, 3);
  const [state] = await alice.client.preferences.fetchInboxStates([inbox?.inboxId ?? ""]);

  expect(state?.installations).toHaveLength(3);
  expect(JSON.stringify(inbox)).not.toContain(inbox?.walletKey);
  expect(inbox?.walletKey).toMatch(/^0x[0-9a-f]{64}$/);
  const bare = inbox?.walletKey.slice(2) ?? "";
  expect(new XmtpTestError("TEST", `I saw ${bare}.`, "Blank it.").message).toContain("I saw [blanked].");
});

test("what makes no number of inboxes is refused", async ({ inboxes }) => {
  await expect(inboxes(-1)).rejects.toMatchObject({ code: "INVALID_COUNT" });
  await expect(inboxes(1, 11)).rejects.toThrow("1 to 10");
});
