// Each test fails with the code that is its title: what only a seam of the package can provoke.
import { ThreadHost } from "#src/threads/thread-host.js";
import { StateFile } from "#src/network/state/state-file.js";
import { test } from "playwright-xmtp";
import { FaultyDisk } from "../../../unit/network/state/faulty-disk.js";
import { mls } from "#src/network/proto/index.js";
import { RawClient } from "../../../network/grpc-client.js";
import { groupId } from "../../../network/mls-bytes.js";

test("THREAD_START", async () => {
  await ThreadHost.start(new URL("data:text/javascript,throw new Error('no')"), { name: "test" });
});

test("STATE_NOT_STORED", ({}, info) => {
  const files = new FaultyDisk();
  files.room = 0;
  StateFile.open(info.outputPath("state"), () => undefined, { files });
});

test("TEARDOWN_TIMEOUT", ({ _ledger }) => {
  _ledger.add("checks", "what never ends", () => new Promise(() => undefined), 50);
});

test("LEAKED_STREAMS", async ({ alice, network }) => {
  void alice;
  const raw = new RawClient(network.url);
  const filters = [{ groupId: groupId("one") }];
  await raw.subscribe(mls.MlsApi.method.subscribeGroupMessages, { filters }).headers;
});

test("PAGE_SDK", async ({ connectPage }) => {
  // A page of browser-sdk 5.0, as far as its requests go.
  let handler;
  const page = {
    isClosed: () => false,
    route: (_, given) => void (handler ??= given),
    unroute: () => undefined,
    context: () => page,
    on: () => undefined,
    once: () => undefined,
    off: () => undefined,
  };
  await connectPage(page, "carol");
  const url = "http://localhost:5555/mls/v1/send-group-messages";
  await handler({ request: () => ({ url: () => url }), abort: () => undefined }, { url: () => url });
});
