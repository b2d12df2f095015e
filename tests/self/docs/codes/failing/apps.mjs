// Each test fails with the code that is its title.
import { test } from "playwright-xmtp";

const command = "sleep 600";
test("APP_EXITED", async ({ launch }) => void (await launch("bot", { command: "echo over" })));
test("APP_NOT_READY", async ({ launch }) =>
  void (await launch("bot", { command, ready: /never/, timeout: 100 })));
test("APP_RUNNING", async ({ launch }) => {
  const app = await launch("bot", { command: "echo ready; sleep 600", ready: /ready/ });
  await app.start();
});
