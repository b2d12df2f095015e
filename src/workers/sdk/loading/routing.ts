import { createHash } from "node:crypto";
import type { AnyModule } from "../shapes.js";
import type { SdkNetwork } from "../types.js";

const PUBLIC_ENVS = new Set(["dev", "production", "local"]);

/**
 * The SDK options that lead a client to a network.
 *
 * Up to 5.5 `Client.create` looks the inbox up at `ApiUrls[env]`, whatever `apiUrl` says, and so do the
 * static helpers. A network of our own therefore gets an entry in that exported table under a name made
 * from its URL: several networks live side by side in one process, the SDK's own names stay as they are,
 * and `Client.canMessage(ids, client.options.env)` finds the right one. From 6.x on one backend object
 * carries the address (`client.options.backend` serves the static helpers).
 */
export async function networkOptions(
  sdk: AnyModule,
  network: SdkNetwork,
  appVersion: string | undefined,
): Promise<Record<string, unknown>> {
  // Given a gateway, a client speaks d14n only; apiUrl is then unused, but must not name a public network.
  const gateway = network.gateway === true ? { gatewayHost: network.url } : {};
  const own = PUBLIC_ENVS.has(network.env) && sdk.ApiUrls[network.env] === network.url;
  const version = appVersion === undefined ? {} : { appVersion };
  if (sdk.createBackend !== undefined) {
    const env = PUBLIC_ENVS.has(network.env) ? network.env : "local";
    const backend = await sdk.createBackend({
      env,
      ...(own ? {} : { apiUrl: network.url }),
      ...gateway,
      ...version,
    });
    return { backend };
  }
  if (own) return { env: network.env, ...gateway, ...version };
  const digest = createHash("sha256").update(network.url).digest("hex").slice(0, 16);
  const env = `xmtp-${digest}`;
  sdk.ApiUrls[env] = network.url;
  if (network.historyUrl !== null) sdk.HistorySyncUrls[env] = network.historyUrl;
  return { env, apiUrl: network.url, historySyncUrl: network.historyUrl, ...gateway, ...version };
}
