import { randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import { setVariable } from "../environment.js";
import { signerOf } from "../inboxes/index.js";
import { conversationNames } from "./sdk/names.js";
import type { Signer } from "./sdk/client-class.js";
import type { CompatClient, CompatConversation, DecodedMessage } from "./sdk/types.js";
import type { WorkerManager } from "./workers/manager.js";
import type { Worker } from "./workers/worker.js";

export const streamColdStartTimeout = 0;
export const APP_VERSION = "playwright-xmtp/compat";

/** Waits; a test that waits for a condition instead is faster, and does not fail on a busy machine. */
export async function sleep(ms = 1000): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}

export const getTime = (): string => new Date().toISOString().slice(11, 19);

export function formatBytes(bytes: number): string {
  const units = ["Bytes", "KB", "MB", "GB"];
  const at = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log(bytes) / Math.log(1024)));
  return `${Math.round((bytes / 1024 ** at) * 100) / 100} ${units[at]}`;
}

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

export const generatePrivateKey = (): `0x${string}` => `0x${randomBytes(32).toString("hex")}`;
export const generateEncryptionKeyHex = (): string => randomBytes(32).toString("hex");
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

export async function createRandomInstallations(count: number, worker: Worker): Promise<Worker> {
  for (let made = 0; made < count; made++) await worker.worker.addNewInstallation();
  return worker;
}

export async function randomReinstall(workers: WorkerManager): Promise<void> {
  await workers.getRandomWorker().worker.reinstall();
}

export async function randomlyRemoveDb(workers: WorkerManager): Promise<void> {
  for (const worker of workers.getRandomWorkers(Math.ceil(workers.getLength() / 2)))
    await worker.worker.reinstall();
}

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
export const setupPrettyLogs = loadEnv;
export const addFileLogging = loadEnv;
export const getEnvPath = (): string => ".env";

/** For this run only: no file is written. */
export function appendToEnv(name: string, value: string): void {
  setVariable(name, value);
}

/** Everything ends with its describe. */
export const closeEnv = (..._args: unknown[]): Promise<void> => Promise.resolve();

/** A progress line; Playwright's own reporter shows the steps. */
export class ProgressBar {
  update(_at: number): void {
    // Steps show it.
  }
  increment(): void {
    // Steps show it.
  }
  finish(): void {
    // Steps show it.
  }
}

export async function logAgentDetails(clients: CompatClient | readonly CompatClient[]): Promise<void> {
  const all = Array.isArray(clients) ? (clients as readonly CompatClient[]) : [clients as CompatClient];
  for (const client of all) {
    const { length } = await client.conversations.list();
    console.log(`inbox ${client.inboxId}, installation ${client.installationId}, ${length} conversations`);
  }
}
export const logDetails = logAgentDetails;
