import { describe, expect, it } from "vitest";
import { browserAddresses, leadOver } from "#src/apps/browser-pages.js";

const line = { name: "carol", url: "http://127.0.0.1:4001", historyUrl: "http://127.0.0.1:4002" };
const call = "/xmtp.mls.api.v1.MlsApi/SendGroupMessages";

/** Where a request goes; undefined where it is left alone. */
function led(url: string, over: Parameters<typeof leadOver>[0] = line): string | undefined {
  if (!browserAddresses.test(url)) return undefined;
  const lead = leadOver(over, new URL(url));
  if ("to" in lead) return lead.to.href;
  return lead.error?.message ?? "nowhere";
}

describe("requests of browser-sdk", () => {
  it.each([
    `http://localhost:5557${call}`,
    `https://api.dev.xmtp.network:5558${call}`,
    `https://api.production.xmtp.network:5558${call}`,
    `https://my.gateway.example${call}`,
    `https://my.gateway.example/some/prefix${call}`,
  ])("%s goes to the node", (url) => {
    expect(led(url)).toBe(`http://127.0.0.1:4001${call}`);
  });

  it("d14n calls too, query included", () => {
    const path = "/xmtp.xmtpv4.message_api.ReplicationApi/SubscribeEnvelopes?x=1";
    expect(led(`https://payer.testnet.xmtp.network${path}`)).toBe(`http://127.0.0.1:4001${path}`);
  });

  it.each([
    "http://localhost:5558/upload",
    "https://message-history.dev.ephemera.network/upload",
    "https://message-history.production.ephemera.network/upload",
    "https://message-history.ephemera.network/upload",
  ])("%s goes to the history server, or nowhere where there is none", (url) => {
    expect(led(url)).toBe("http://127.0.0.1:4002/upload");
    expect(led(url, { ...line, historyUrl: undefined })).toBe("nowhere");
  });

  it.each([
    "http://localhost:5555/mls/v1/send-group-messages",
    "https://dev.xmtp.network/identity/v1/get-inbox-ids",
    "https://production.xmtp.network/mls/v1/subscribe-group-messages",
  ])("%s is refused: the JSON of 5.0 and 5.1", (url) => {
    expect(led(url)).toMatch(
      /^PAGE_SDK: The page "carol" asked for http\S+v1\S+ .*Use @xmtp\/browser-sdk 5\.2/,
    );
  });

  it.each([
    "http://localhost:5173/",
    "http://localhost:5558/index.html",
    "http://localhost:5555/",
    "https://xmtp.chat/conversations",
    "https://github.com/xmtp/xmtp.chat/Files",
    "https://example.org/?next=https://api.dev.xmtp.network:5558/",
    `https://example.org/#${call}`,
    "https://example.org/message-history.ephemera.network/upload",
    "https://notxmtp.network/",
    "https://xmtp.network.example.org/",
  ])("%s is the app's own", (url) => {
    expect(led(url)).toBeUndefined();
  });
});
