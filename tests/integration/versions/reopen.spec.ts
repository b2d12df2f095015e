import { expect, test, typeofStream } from "playwright-xmtp";
import { installVersions } from "./installed.js";

test.describe.configure({ mode: "default" });
test.beforeAll(() => {
  test.setTimeout(600_000);
  installVersions();
});

/** Down and up again. Each of these versions can read what its neighbor in the list has written. */
const way = ["5.5.0", "5.1.1", "4.6.0", "5.1.1", "5.5.0"];

test("one database goes through three versions down and three up, and nothing is lost", async ({
  getWorkers,
}) => {
  const workers = await getWorkers([`alice-${way[0]}`, "bob-5.5.0"]);
  const [alice, bob] = workers.getAll();
  await bob.startStream(typeofStream.Message);
  await alice.startStream(typeofStream.Message);
  const group = await alice.createGroup([bob], { name: "kept" });
  const { installationId } = alice;
  const sent: string[] = [];
  for (const [at, sdkVersion] of way.entries()) {
    if (at > 0) {
      const reopening = alice.reopen({ sdkVersion });
      sent.push(await bob.send(group, `while ${sdkVersion} opens`));
      await reopening;
    }
    expect([alice.sdkVersion, alice.installationId]).toEqual([sdkVersion, installationId]);
    sent.push(await alice.send(group, `from ${sdkVersion}, step ${at}`));
    await expect(bob).toHaveReceivedExactlyOnce(`from ${sdkVersion}, step ${at}`);
    await bob.sync(group);
    sent.push(await bob.send(group, `to ${sdkVersion}, step ${at}`));
    await expect(alice).toHaveReceivedExactlyOnce(`to ${sdkVersion}, step ${at}`);
    const kept = (await alice.messages(group)).map(({ id }) => id);
    expect(kept).toEqual(expect.arrayContaining(sent));
  }
  expect(await alice.fetchInstallations()).toHaveLength(1);
  expect([...alice.activeStreamTypes]).toEqual([typeofStream.Message]);
});
