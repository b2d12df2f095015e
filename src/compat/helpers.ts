import { randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import { setVariable } from "../environment.js";
import { signerOf } from "../inboxes/index.js";
import { conversationNames } from "./sdk/names.js";
import type { Signer } from "./sdk/client-class.js";
import type { CompatClient, CompatConversation, DecodedMessage } from "./sdk/types.js";
import type { WorkerManager } from "./workers/manager.js";
import type { Worker } from "./workers/worker.js";

/** Milliseconds to wait for a stream to warm up: 0, as `startStream` resolves once it is live. */
export const streamColdStartTimeout = 0;
/** A name for `appVersion` of clients; the suites' own has a version in it. */
export const APP_VERSION = "playwright-xmtp/compat";

/** Waits; a test that waits for a condition instead is faster, and does not fail on a busy machine. */
export async function sleep(ms = 1000): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}

/** UTC now, HH:MM:SS. */
export const getTime = (): string => new Date().toISOString().slice(11, 19);

/** Bytes as text, in units of 1024 up to GB, for example "1.5 KB". */
export function formatBytes(bytes: number): string {
  const units = ["Bytes", "KB", "MB", "GB"];
  const at = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log(bytes) / Math.log(1024)));
  return `${Math.round((bytes / 1024 ** at) * 100) / 100} ${units[at]}`;
}

/** A text of `mb` MiB. */
export const getMessageByMb = (mb: number): string => "A".repeat(1024 * 1024 * mb);

/** A wallet of a key, 32 bytes in hex. @throws XmtpTestError `BAD_KEY` */
export function createSigner(key: string): Signer {
  const wallet = signerOf(key);
  return {
    type: "EOA",
    getIdentifier: () => ({ identifier: wallet.address, identifierKind: 0 }),
    signMessage: async (message) => await wallet.sign(message),
  };
}

/** A random wallet key, 32 bytes. */
export const generatePrivateKey = (): `0x${string}` => `0x${randomBytes(32).toString("hex")}`;
/** A random database key, 32 bytes, without `0x`. */
export const generateEncryptionKeyHex = (): string => randomBytes(32).toString("hex");
/** The bytes of a key in hex, without `0x`. */
export const getEncryptionKeyFromHex = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, "hex"));

/** Prints an error with its case; the case fails by its own throw. */
export function logError(error: unknown, testName = ""): boolean {
  console.error(testName === "" ? "[error]" : `[error] ${testName}`, error);
  return true;
}

/** Sends text, whatever the SDK's generation. */
export async function sendTextCompat(conversation: CompatConversation, text: string): Promise<string> {
  const send = conversationNames["sendText"]?.(conversation as never) as (text: string) => Promise<string>;
  return await send(text);
}

/** Tells by its fields: `contentType`, `conversationId` and `sentAt`. */
export function isDecodedMessage(message: unknown): message is DecodedMessage {
  return (
    typeof message === "object" &&
    message !== null &&
    ["contentType", "conversationId", "sentAt"].every((name) => name in message)
  );
}

/** @throws Error for what is not a decoded message */
export function ensureDecodedMessage(message: unknown): DecodedMessage {
  if (isDecodedMessage(message)) return message;
  throw new Error("The message is not decoded.");
}

/** Prints how many of an inbox's key packages are valid. @throws Error when one is not */
export async function checkKeyPackageStatusesByInboxId(client: CompatClient, inboxId: string): Promise<void> {
  const [state] = await client.preferences.inboxStateFromInboxIds([inboxId], true);
  const ids = (state?.installations ?? []).map(({ id }) => id);
  const statuses = Object.values(await client.fetchKeyPackageStatuses(ids));
  const invalid = statuses.filter((status) => status.validationError);
  if (invalid.length > 0)
    throw new Error(`${invalid.length} of ${statuses.length} key packages are not valid.`);
}

/**
 * Adds `count` installations, each an own client that ends with the describe.
 *
 * @returns the worker it was given
 */
export async function createRandomInstallations(count: number, worker: Worker): Promise<Worker> {
  for (let made = 0; made < count; made++) await worker.worker.addNewInstallation();
  return worker;
}

/** One worker, drawn from the test's seed, reinstalls: same identity, empty database. */
export async function randomReinstall(workers: WorkerManager): Promise<void> {
  await workers.getRandomWorker().worker.reinstall();
}

/**
 * Half of the workers (rounded up), drawn from the test's seed, reinstall: a client's files cannot go while it is
 * open.
 */
export async function randomlyRemoveDb(workers: WorkerManager): Promise<void> {
  for (const worker of workers.getRandomWorkers(Math.ceil(workers.getLength() / 2)))
    await worker.worker.reinstall();
}

/** The first of them, or "", so that a run can be repeated; the suites' own draws by `Math.random`. */
export const getRandomVersion = (versions: readonly string[]): string => versions[0] ?? "";

/** Names of workers with a populated database: see `npx playwright-xmtp populate` for one on this network. */
export const getBysizeWorkerName = (size: number): string => `bysize${size}`;

/**
 * The config's own loading of variables stands: nothing is read, and no log is set up. The folder `logs` is made, as
 * suites write their tables into it.
 */
export function loadEnv(_testName?: string): void {
  mkdirSync("logs", { recursive: true });
}
/** The same as `loadEnv`: no log is made pretty. */
export const setupPrettyLogs = loadEnv;
/** The same as `loadEnv`: no log is written. */
export const addFileLogging = loadEnv;
/** ".env", which is neither read nor written here. */
export const getEnvPath = (): string => ".env";

/** For this run only: no file is written. */
export function appendToEnv(name: string, value: string): void {
  setVariable(name, value);
}

/** Everything ends with its describe. */
export const closeEnv = (..._args: unknown[]): Promise<void> => Promise.resolve();

/** A progress line; Playwright's own reporter shows the steps. */
export class ProgressBar {
  /** Does nothing. */
  update(_at: number): void {
    // Steps show it.
  }
  /** Does nothing. */
  increment(): void {
    // Steps show it.
  }
  /** Does nothing. */
  finish(): void {
    // Steps show it.
  }
}

/** Prints each client's inbox, installation and number of conversations; the suites' own prints more. */
export async function logAgentDetails(clients: CompatClient | readonly CompatClient[]): Promise<void> {
  const all = Array.isArray(clients) ? (clients as readonly CompatClient[]) : [clients as CompatClient];
  for (const client of all) {
    const { length } = await client.conversations.list();
    console.log(`inbox ${client.inboxId}, installation ${client.installationId}, ${length} conversations`);
  }
}
/** The same as `logAgentDetails`. */
export const logDetails = logAgentDetails;
