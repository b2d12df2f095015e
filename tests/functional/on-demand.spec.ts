import { expect, test, typeofStream } from "playwright-xmtp";
import { inboxIds } from "./support/sdk.js";

/** Workers start with nothing: each test switches on what its roles need, when they need it. */
test("roles: a sender sends, a receiver answers, a monitor watches", async ({ getWorkers }) => {
  const workers = await getWorkers(["sender", "receiver", "monitor"]);
  const [sender, receiver, monitor] = ["sender", "receiver", "monitor"].map((name) => workers.get(name));
  if (!sender || !receiver || !monitor) throw new Error("three roles are needed");
  await receiver.startStream(typeofStream.MessageandResponse);
  await monitor.startStream(typeofStream.Conversation);
  await monitor.startStream(typeofStream.Message);
  await monitor.startStream(typeofStream.GroupUpdated);
  expect(sender.activeStreamTypes.size).toBe(0);

  const group = await workers.createGroupBetweenAll("watched");
  const [seen] = await monitor.collectConversations(sender.inboxId);
  expect(seen?.conversationId).toBe(group.id);
  await group.sendText("is anybody there?");
  await group.updateName("watched closely");

  await expect(monitor).toHaveReceivedExactlyOnce("is anybody there?", { from: sender });
  await expect(monitor).toHaveReceivedExactlyOnce("gm", { from: receiver });
  const [rename] = await monitor.collectGroupUpdates(group.id, 1, { field: "group_name" });
  expect(rename?.update?.fields).toEqual([
    { field: "group_name", oldValue: "watched", newValue: "watched closely" },
  ]);
  await expect(workers.getAll()).toHaveConverged(group.id);
});

test("all workers of the same type: each hears all others", async ({ getWorkers }) => {
  const workers = await getWorkers(3);
  await workers.startStream(typeofStream.Message);
  const group = await workers.createGroupBetweenAll("round table");
  for (const worker of workers) {
    await worker.client.conversations.sync();
    await (
      await worker.client.conversations.getConversationById(group.id)
    )?.sendText(`${worker.name} speaks`);
  }
  for (const listener of workers)
    for (const speaker of workers.getAllBut(listener.name))
      await expect(listener).toHaveReceivedExactlyOnce(`${speaker.name} speaks`, { from: speaker });
});

test("one worker stops, the others go on; it may come back", async ({ getWorkers }) => {
  const workers = await getWorkers(["speaker", "stays", "stops"]);
  const [stays, stops] = [workers.get("stays"), workers.get("stops")];
  const group = await workers.createGroupBetweenAll("come and go");
  await workers.startStream(typeofStream.Message);
  await group.sendText("to both");
  for (const worker of [stays, stops]) await expect(worker).toHaveReceivedExactlyOnce("to both");

  await stops.endStream();
  await group.sendText("to one");
  await expect(stays).toHaveReceivedExactlyOnce("to one");
  await expect(stops).not.toHaveReceived("to one");

  await stops.startStream(typeofStream.Message);
  await group.sendText("to both again");
  for (const worker of [stays, stops]) await expect(worker).toHaveReceivedExactlyOnce("to both again");
});

test("a type is added while another runs, and its events begin there", async ({ alice, bob, carol }) => {
  const group = await alice.client.conversations.createGroup(inboxIds([bob, carol]), { groupName: "zero" });
  await bob.startStream(typeofStream.Message);
  await group.updateName("one");
  await group.sendText("after one");
  await expect(bob).toHaveReceivedExactlyOnce("after one");

  await bob.startStream(typeofStream.GroupUpdated);
  await group.updateName("two");
  await bob.collectGroupUpdates(group.id, 1, { newValue: "two" });
  const names = [...bob.events].flatMap((event) =>
    event.kind === "receive" ? (event.update?.fields.map(({ newValue }) => newValue) ?? []) : [],
  );
  expect(names).toEqual(["two"]);
});
