import { afterEach, describe, expect, test, vi } from "vitest";
import { environmentPlace, refusePlugNPlay } from "../../../src/environment.js";

const place = (variables: Readonly<Record<string, string | undefined>>) => {
  for (const name of ["XMTP_ENV", "XMTP_API_URL", "XMTP_GATEWAY_HOST", "XMTP_ALLOW_PUBLIC"])
    vi.stubEnv(name, variables[name]);
  return environmentPlace();
};
afterEach(() => {
  vi.unstubAllEnvs();
});

describe("the network that the environment names", () => {
  test.each([
    [{}, "embedded"],
    [{ XMTP_ENV: "" }, "embedded"],
    [{ XMTP_ENV: "local" }, "local"],
    [{ XMTP_ENV: "dev", XMTP_ALLOW_PUBLIC: "1" }, "dev"],
    [{ XMTP_ENV: "production", XMTP_API_URL: "http://localhost:5556" }, "production"],
  ])("%j: %s, with no notice", (variables, env) => {
    expect(place(variables)).toMatchObject({ env, notices: [] });
  });

  test.each([
    { XMTP_ENV: "dev" },
    { XMTP_ENV: "production" },
    { XMTP_ENV: "dev", XMTP_ALLOW_PUBLIC: "0" },
    { XMTP_ENV: "dev", XMTP_ALLOW_PUBLIC: "" },
  ])("%j: embedded, and one notice", (variables) => {
    const { env, notices } = place(variables);
    expect(env).toBe("embedded");
    expect(notices).toEqual([
      expect.stringMatching(new RegExp(`^XMTP_ENV=${variables.XMTP_ENV} alone .*XMTP_ALLOW_PUBLIC=1`)),
    ]);
  });

  test("a gateway of XMTP's own wants consent too, another one does not", () => {
    const gateway = "https://payer.testnet.xmtp.network:443";
    const refused = place({ XMTP_GATEWAY_HOST: gateway });
    expect(refused).toMatchObject({ env: "embedded", gatewayUrl: undefined });
    expect(refused.notices).toEqual([expect.stringContaining(`XMTP_GATEWAY_HOST=${gateway} alone`)]);
    const allowed = place({ XMTP_GATEWAY_HOST: gateway, XMTP_ALLOW_PUBLIC: "1" });
    expect(allowed.gatewayUrl).toBe(gateway);
    expect(place({ XMTP_GATEWAY_HOST: "http://127.0.0.1:5050" })).toMatchObject({
      gatewayUrl: "http://127.0.0.1:5050",
      notices: [],
    });
  });

  test.each([
    ["http://localhost:5556", 0],
    ["http://127.0.0.2:5556", 0],
    ["http://[::1]:5556", 0],
    ["http://192.0.2.7:5556", 1],
    ["http://localhost.example.org:5556", 1],
    ["https://node.example.org", 1],
  ])("XMTP_API_URL=%s: %i notices", (url, count) => {
    const { apiUrl, notices } = place({ XMTP_API_URL: url });
    expect(apiUrl).toBe(url);
    expect(notices).toEqual(
      Array(count).fill(`XMTP_API_URL leads tests to ${url}, which is not this machine.`),
    );
  });
});

test("Plug'n'Play is refused by name, with what to write; everything else is let be", () => {
  expect(() => refusePlugNPlay({ node: "24.0.0", pnp: "3" })).toThrow(
    /^PLUG_N_PLAY: .*Plug'n'Play \(3\).*nodeLinker: node-modules into \.yarnrc\.yml, then run: yarn install/,
  );
  expect(() => {
    refusePlugNPlay({ node: "24.0.0" });
  }).not.toThrow();
});
