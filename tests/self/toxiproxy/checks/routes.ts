import { expect } from "@playwright/test";
import type { Check } from "../check.js";
import type { Rig } from "../rig.js";

const answer = (method: string, path: string, headers?: Record<string, string>) => async (rig: Rig) => {
  const { status, type, text } = await rig.call(method, path, undefined, headers);
  return [status, type, text];
};
const notFound = [404, "text/plain; charset=utf-8", "404 page not found\n"];
const wrongMethod = [405, undefined, ""];
const browser = { "user-agent": "Mozilla/5.0" };
const refused = [403, "text/plain; charset=utf-8", "User agent not allowed\n"];

/** Routes, methods, and the headers around them. */
export const routes: Check[] = [
  { name: "index: no proxies", run: answer("GET", "/proxies"), expected: [200, "application/json", "{}"] },
  {
    name: "version: body and type",
    run: answer("GET", "/version"),
    expected: [
      200,
      "application/json;charset=utf-8",
      expect.stringMatching(/^\{"version": "\d+\.\d+\.\d+"\}\n$/),
    ],
  },
  {
    name: "request id on a matched route",
    run: async (rig) => (await rig.call("GET", "/version")).headers["x-toxiproxy-request-id"],
    expected: expect.stringMatching(/^[0-9a-v]{20}$/),
  },
  {
    name: "request id differs from call to call",
    run: async (rig) => {
      const ids = await Promise.all([rig.call("GET", "/version"), rig.call("GET", "/version")]);
      return new Set(ids.map(({ headers }) => headers["x-toxiproxy-request-id"])).size;
    },
    expected: 2,
  },
  { name: "browser is refused on /proxies", run: answer("GET", "/proxies", browser), expected: refused },
  { name: "browser is refused on /version", run: answer("GET", "/version", browser), expected: refused },
  {
    name: "browser in lower case is let in",
    run: answer("GET", "/proxies", { "user-agent": "mozilla/5.0" }),
    expected: [200, "application/json", "{}"],
  },
  { name: "unknown path", run: answer("GET", "/nope"), expected: notFound },
  { name: "trailing slash", run: answer("GET", "/proxies/"), expected: notFound },
  { name: "root", run: answer("GET", "/"), expected: notFound },
  { name: "metrics are off", run: answer("GET", "/metrics"), expected: notFound },
  ...(["PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"] as const).map((method) => ({
    name: `wrong method: ${method} /proxies`,
    run: answer(method, "/proxies"),
    expected: wrongMethod,
  })),
  { name: "wrong method: GET /reset", run: answer("GET", "/reset"), expected: wrongMethod },
  { name: "wrong method: GET /populate", run: answer("GET", "/populate"), expected: wrongMethod },
  { name: "wrong method: POST /version", run: answer("POST", "/version"), expected: wrongMethod },
  { name: "wrong method: browser", run: answer("PUT", "/proxies", browser), expected: wrongMethod },
  {
    name: "wrong method carries no Allow and no request id",
    run: async (rig) => {
      const { headers } = await rig.call("PUT", "/proxies");
      return [headers.allow, headers["x-toxiproxy-request-id"]];
    },
    expected: [undefined, undefined],
  },
  {
    name: "double slash moves to the clean path",
    run: async (rig) => {
      const { status, text, headers } = await rig.call("GET", "//proxies?x=1");
      return [status, text, headers.location, headers["x-toxiproxy-request-id"]];
    },
    expected: [301, "", "/proxies?x=1", undefined],
  },
  {
    name: "dots move to the clean path",
    run: async (rig) => (await rig.call("GET", "/proxies/../version")).headers.location,
    expected: "/version",
  },
];
