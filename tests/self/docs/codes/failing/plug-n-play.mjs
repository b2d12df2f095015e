// A process that looks as if Yarn's Plug'n'Play had started it. The test fails with the code that is its title.
import { test } from "playwright-xmtp";

// While the file is loaded: workers' fixtures come before any hook.
const versions = { ...process.versions, pnp: "3" };
if (process.env["TEST_WORKER_INDEX"] !== undefined)
  Object.defineProperty(process, "versions", { value: versions });
test("PLUG_N_PLAY", async ({ getWorkers }) => void (await getWorkers(["alice-a-9.9.9"])));
