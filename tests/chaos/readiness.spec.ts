import { fileURLToPath } from "node:url";
import { expect, test } from "playwright-xmtp";

const file = fileURLToPath(new URL("./bots/subscriber.mjs", import.meta.url));
/** A deadline, not a wait: a process on a busy machine takes its time. */
const soon = { timeout: 40_000 };

test("what an app's earlier run has sent makes its next run ready no sooner", async ({
  launch,
  chaos,
  ledger,
}) => {
  const app = await launch("app", { command: `node ${JSON.stringify(file)}` });
  const [, first = ""] = await app.waitForOutput(/runs as (\d+)/, soon);
  // Its second subscription gets no further than the line, and outlives it there.
  const stall = await chaos.stall(app);
  process.kill(Number(first), "SIGUSR2");
  await app.waitForOutput(/asked[\s\S]*asked/, soon);
  await app.kill();

  const story = () =>
    ledger.events.flatMap((event) => {
      // Workers of the process, of another file's tests, are in this ledger too.
      if (event.worker !== "app") return [];
      if (event.kind === "lifecycle") return [event.state];
      return event.kind === "line" ? [event.what] : [];
    });
  const known = () => story().filter((what) => what !== "unsubscribed");
  const begun = ["launched", "subscribed", "ready", "stopped", "launched"];
  const starting = app.start();
  await expect.poll(known, soon).toEqual(begun);
  const [, second = ""] = await app.waitForOutput(new RegExp(`runs as (?!${first}\\b)(\\d+)`), soon);
  await stall.lift();
  await expect.poll(story, soon).toEqual(expect.arrayContaining(["unsubscribed"]));
  await expect.poll(known, soon).toEqual([...begun, "subscribed"]);
  // The new run has not subscribed: it does so now.
  process.kill(Number(second), "SIGUSR2");
  await starting;
  expect(known()).toEqual([...begun, "subscribed", "subscribed", "ready"]);
});
