/** Workers start idle; a test starts what it needs, when it needs it. */
import { expect, test, typeofStream, typeOfSync } from "playwright-xmtp";

test("three roles, three kinds of stream", async ({ getWorkers }) => {
  const workers = await getWorkers(["admin", "member", "observer"]);
  const { admin, member, observer } = workers;
  await member.startStream(typeofStream.Message);
  await observer.startStream(typeofStream.Conversation);
  await observer.startStream(typeofStream.GroupUpdated);

  const group = await workers.createGroupBetweenAll("roles");
  await group.sendText("welcome");
  await group.updateName("new name");

  await expect(member).toHaveReceivedExactlyOnce("welcome");
  await observer.collectConversations(admin);
  await observer.collectGroupUpdates(group);
  await expect(workers.getAll()).toHaveConverged(group.id);
});

test("a worker without a stream receives messages by syncing", async ({ alice, bob }) => {
  await bob.startSync(typeOfSync.SyncAll, 200);
  const dm = await alice.createDm(bob);
  await alice.send(dm, "no hurry");
  await expect(bob).toHaveConversation(dm.id);
  await expect([alice, bob]).toHaveConverged(dm.id);
  await bob.endSync();
  await expect(bob).toHaveNoActiveStreams();
});

test("a second installation joins later", async ({ alice, bob }) => {
  const phone = await bob.addNewInstallation();
  await phone.startStream(typeofStream.Message);
  const dm = await alice.createDm(bob);
  await alice.send(dm, "on every device");
  await expect(phone).toHaveReceivedExactlyOnce("on every device");
});
