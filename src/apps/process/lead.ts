import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** What a copy of node-sdk exports that decides its network, and where its databases lie. */
interface Sdk {
  readonly ApiUrls?: Record<string, string>;
  readonly HistorySyncUrls?: Record<string, string>;
  readonly Client?: ClientClass;
}

type MakeClient = (who: unknown, options?: { readonly dbPath?: unknown }) => unknown;
type ClientClass = Record<"create" | "build", MakeClient>;

/** node-sdk 6 (node-bindings 1.10) builds its network with this, and no longer reads the table. */
interface BackendBuilder {
  setApiUrl(url: string): unknown;
  setGatewayHost(url: string): unknown;
  build(): unknown;
}

const url = process.env["XMTP_LINE_URL"] ?? "";
const historyUrl = process.env["XMTP_LINE_HISTORY_URL"] ?? "";
/** Given by the user in `env`: theirs to answer for. */
const givenGateway = process.env["XMTP_GATEWAY_HOST"];
/** Resolved from the app's SDK: no dependency of this package. */
const bindingsOfTheApp = "@xmtp/node-bindings";
const databases = process.env["XMTP_DB_DIRECTORY"] ?? "";
const led = new WeakSet();

/** Leads one copy of node-sdk to the line, whatever name of a network or URL the app uses. */
export function lead({ ApiUrls, HistorySyncUrls, Client }: Sdk, entryUrl: string): void {
  if (Client && databases !== "") leadDatabases(Client);
  for (const [table, to] of [
    [ApiUrls, url],
    [HistorySyncUrls, historyUrl],
  ] as const)
    for (const name of Object.keys(table ?? {})) (table ?? {})[name] = to;
  const require = createRequire(fileURLToPath(entryUrl));
  const { version } = require("../package.json") as { version: string };
  if (Number(version.split(".")[0]) < 6) return gateway(givenGateway);
  gateway(givenGateway ?? url);
  const bindings = require(bindingsOfTheApp) as { BackendBuilder?: { prototype: BackendBuilder } };
  if (bindings.BackendBuilder) leadBuilder(bindings.BackendBuilder.prototype);
}

/** agent-sdk reads it when its agent is made, from 2.2 on; a `.env` file read since must not stand. */
function gateway(host: string | undefined): void {
  pinned.value = host;
}

const pinned: { value: string | undefined } = { value: givenGateway };
const name = "XMTP_GATEWAY_HOST";

/** Makes `XMTP_GATEWAY_HOST` what the SDK in use takes, whatever a `.env` file says. */
export function pinGateway(): void {
  process.env = new Proxy(process.env, {
    get: (env, key) => (key === name ? pinned.value : (Reflect.get(env, key) as unknown)),
    has: (env, key) => (key === name ? pinned.value !== undefined : Reflect.has(env, key)),
    ownKeys: (env) => {
      const others = Reflect.ownKeys(env).filter((key) => key !== name);
      return pinned.value === undefined ? others : [...others, name];
    },
    getOwnPropertyDescriptor: (env, key) => {
      if (key !== name) return Reflect.getOwnPropertyDescriptor(env, key);
      if (pinned.value === undefined) return undefined;
      return { value: pinned.value, writable: true, enumerable: true, configurable: true };
    },
    set: (env, key, value: unknown) => key === name || Reflect.set(env, key, value),
  });
}

/** An app that names no database has it in its folder, not in the working directory: agent-sdk 1 has no variable for it. */
function leadDatabases(Client: ClientClass): void {
  if (led.has(Client)) return;
  led.add(Client);
  for (const verb of ["create", "build"] as const) {
    const make = Client[verb];
    Client[verb] = function (this: ClientClass, who, options) {
      const dbPath = options?.dbPath ?? ((inboxId: string) => join(databases, `xmtp-${inboxId}.db3`));
      return make.call(this, who, options?.dbPath === null ? options : { ...options, dbPath });
    };
  }
}

function leadBuilder(prototype: BackendBuilder): void {
  if (led.has(prototype)) return;
  led.add(prototype);
  // eslint-disable-next-line @typescript-eslint/unbound-method -- called with the builder below
  const { setApiUrl, setGatewayHost, build } = prototype;
  prototype.setApiUrl = function (this: BackendBuilder) {
    return setApiUrl.call(this, url);
  };
  prototype.setGatewayHost = function (this: BackendBuilder) {
    return setGatewayHost.call(this, givenGateway ?? url);
  };
  prototype.build = function (this: BackendBuilder) {
    setApiUrl.call(this, url);
    return build.call(this);
  };
}
