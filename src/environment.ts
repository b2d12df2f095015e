import { XmtpTestError } from "./errors.js";

/** The variables this package reads, here and nowhere else; docs/environment.md says what each does. */
export type Variable =
  | "DEFAULT_STREAM_TIMEOUT_MS"
  | "GITHUB_STEP_SUMMARY"
  | "NODE_VERSION"
  | "SYNC_STRATEGY"
  | "TEST_VERSIONS"
  | "TEST_WORKER_INDEX"
  | "TOXIPROXY_AUTH_TOKEN"
  | "TOXIPROXY_URL"
  | "XMTP_ALLOW_PUBLIC"
  | "XMTP_API_URL"
  | "XMTP_BASELINE"
  | "XMTP_CHAOS_PLAN"
  | "XMTP_D14N"
  | "XMTP_ENV"
  | "XMTP_GATEWAY_HOST"
  | "XMTP_HISTORY_URL"
  | "XMTP_LOAD_FOLDER"
  | "XMTP_LOAD_LINE"
  | "XMTP_LOAD_RUN"
  | "XMTP_LOAD_SHARD"
  | "XMTP_REALISM"
  | "XMTP_SDK_PATH"
  | "XMTP_SEED"
  | "XMTP_UPDATE_BASELINE";

/** The variable's value, read now; undefined where it is unset or empty. */
export function variable(name: Variable): string | undefined {
  const value = process.env[name];
  return value === "" ? undefined : value;
}

/** Sets a variable of the application for this process, and what it starts; no file is written. */
export function setVariable(name: string, value: string): void {
  process.env[name] = value;
}

/**
 * Yarn's Plug'n'Play keeps packages in archives and resolves them by hooks of its own: Playwright cannot load a reporter
 * from there, and the SDK versions of a project are looked for in `node_modules`.
 *
 * @throws XmtpTestError `PLUG_N_PLAY` when this process runs by it
 */
export function refusePlugNPlay(
  versions: Readonly<Record<string, string | undefined>> = process.versions,
): void {
  if (versions["pnp"] === undefined) return;
  throw new XmtpTestError(
    "PLUG_N_PLAY",
    `This process runs by Yarn's Plug'n'Play (${versions["pnp"]}), which has no node_modules to find SDKs and reporters in.`,
    "Write nodeLinker: node-modules into .yarnrc.yml, then run: yarn install",
  );
}

/** Where the environment alone leads, without a word of the config or the test. */
export interface EnvironmentPlace {
  /** `embedded`, `local`, a name that goes with a URL; `dev` or `production` only with consent. */
  readonly env: string;
  readonly apiUrl: string | undefined;
  readonly gatewayUrl: string | undefined;
  /** What the user should know of it, a line each: a public network not taken, a node that is not on this machine. */
  readonly notices: readonly string[];
}

/** Networks that everybody shares: what is sent there stays, and others see it. */
const publicNetworks = new Set(["dev", "production"]);

/**
 * The network that `XMTP_ENV`, `XMTP_API_URL` and `XMTP_GATEWAY_HOST` name. They are the application's variables
 * too (an agent's .env has `XMTP_ENV=production`), so a public network wants `XMTP_ALLOW_PUBLIC=1` beside them;
 * without it the embedded network is used, and a notice says so.
 */
export function environmentPlace(): EnvironmentPlace {
  const notices: string[] = [];
  const allowed = publicAllowed();
  const env = variable("XMTP_ENV") ?? "embedded";
  const gateway = variable("XMTP_GATEWAY_HOST");
  const apiUrl = variable("XMTP_API_URL");
  const refuse = (what: string): void => {
    notices.push(
      `${what} alone does not lead tests to a public network: they use the embedded one. ` +
        `Set XMTP_ALLOW_PUBLIC=1 beside it, or xmtpEnv in the config, to go there.`,
    );
  };
  const refusedEnv = publicNetworks.has(env) && apiUrl === undefined && !allowed;
  const refusedGateway = gateway !== undefined && isPublicHost(gateway) && !allowed;
  if (refusedEnv) refuse(`XMTP_ENV=${env}`);
  if (refusedGateway) refuse(`XMTP_GATEWAY_HOST=${gateway}`);
  const gatewayUrl = refusedGateway ? undefined : gateway;
  for (const [name, url] of [
    ["XMTP_API_URL", apiUrl],
    ["XMTP_GATEWAY_HOST", gatewayUrl],
  ] as const)
    if (url !== undefined && !isLoopback(url))
      notices.push(`${name} leads tests to ${url}, which is not this machine.`);
  return { env: refusedEnv ? "embedded" : env, apiUrl, gatewayUrl, notices };
}

let told = false;

/**
 * Prints the notices of {@link environmentPlace} on standard error, once a process. A Playwright process stays
 * silent: its runner has loaded the same test files, and has said it for the whole run.
 */
export function tellEnvironmentPlace(): void {
  if (told || variable("TEST_WORKER_INDEX") !== undefined) return;
  told = true;
  for (const notice of environmentPlace().notices) process.stderr.write(`playwright-xmtp: ${notice}\n`);
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).hostname : url;
}

/** Whether a public network may be used: XMTP_ALLOW_PUBLIC. */
export function publicAllowed(): boolean {
  return ["1", "true"].includes(variable("XMTP_ALLOW_PUBLIC") ?? "");
}

/** The hosts of XMTP's own public networks. */
export function isPublicHost(url: string): boolean {
  return /(^|\.)xmtp\.(network|com)$/u.test(hostOf(url));
}

function isLoopback(url: string): boolean {
  return /^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\])$/u.test(hostOf(url));
}

/** All variables of this process: what an app under test inherits, before those that name a network are taken out. */
export function inheritedEnvironment(): NodeJS.ProcessEnv {
  return process.env;
}
