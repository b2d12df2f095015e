import type { ClientOptions } from "@xmtp/node-sdk";
import { XmtpTestError } from "../../errors.js";

/** How workers behave unless told otherwise: the test option `workerDefaults`. Every field is optional. */
export interface WorkerDefaults {
  /** Names of the fixture `workers`. Default: alice and bob. */
  readonly names?: readonly string[] | number;
  /** SDK version of workers whose name does not include one. Default: the installed `@xmtp/node-sdk`. */
  readonly sdkVersion?: string;
  /** Wait before a stream's retry, ms. Default 250 (the SDK's own 60,000 outlasts most tests). */
  readonly retryDelayMs?: number;
  /** Retries before a stream gives up. Default 600. */
  readonly retryAttempts?: number;
  /** How long the node may take to answer a stream, ms. Default 15,000. */
  readonly startTimeoutMs?: number;
  /** Skip the sync the SDK makes before it subscribes. Default false. */
  readonly disableStreamSync?: boolean;
  /** Leave the SDK's device-sync worker off. Default false, as in the SDK. */
  readonly disableDeviceSync?: boolean;
  /**
   * Speak d14n, through the embedded node or the gateway at `XMTP_GATEWAY_HOST`. Needs SDK 4.5 or later. Default:
   * true if that variable is set, else false.
   */
  readonly gateway?: boolean;
  /**
   * What `MessageandResponse` answers in a group: every text (`all`, default), or only those with the worker's base
   * name as a word (`named`), as in the on-demand framework. In a DM every text is answered.
   */
  readonly respondTo?: "all" | "named";
  /** Sent to the node as the client's app version. */
  readonly appVersion?: string;
  /** Codecs for further content types, as the SDK's own option of that name. Default none. */
  readonly codecs?: ClientOptions["codecs"];
}

/** Defaults with every number filled in. */
export type ResolvedDefaults = WorkerDefaults &
  Required<
    Pick<
      WorkerDefaults,
      "retryDelayMs" | "retryAttempts" | "startTimeoutMs" | "disableStreamSync" | "disableDeviceSync"
    >
  >;

const numbers = { retryDelayMs: 250, retryAttempts: 600, startTimeoutMs: 15_000 } as const;
const known = new Set([
  ...Object.keys(numbers),
  "names",
  "sdkVersion",
  "disableStreamSync",
  "disableDeviceSync",
  "gateway",
  "respondTo",
  "appVersion",
  "codecs",
]);

/**
 * Fills in and checks.
 *
 * @throws XmtpTestError `INVALID_OPTION` for an array, an unknown field or a number out of range. An array
 *   is refused because `test.use({ option: [a, b] })` silently keeps only `a` (playwright#32033).
 */
export function resolveDefaults(given: WorkerDefaults | undefined): ResolvedDefaults {
  const options = checkOptionObject("workerDefaults", given, known);
  for (const name of Object.keys(numbers) as (keyof typeof numbers)[]) {
    const value = options[name];
    if (value !== undefined && !(Number.isInteger(value) && (value as number) >= 0)) {
      throw new XmtpTestError(
        "INVALID_OPTION",
        `workerDefaults.${name} is ${JSON.stringify(value)}.`,
        "Give a whole number, 0 or more.",
      );
    }
  }
  const { respondTo } = options;
  if (respondTo !== undefined && respondTo !== "all" && respondTo !== "named") {
    throw new XmtpTestError(
      "INVALID_OPTION",
      `workerDefaults.respondTo is ${JSON.stringify(respondTo)}.`,
      'Give "all" or "named".',
    );
  }
  return { disableStreamSync: false, disableDeviceSync: false, ...numbers, ...options };
}

/** Checks that an option is an object with known fields only. */
export function checkOptionObject(
  name: string,
  given: unknown,
  fields: ReadonlySet<string>,
): Record<string, unknown> {
  if (given === undefined) return {};
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    throw new XmtpTestError(
      "INVALID_OPTION",
      `The option "${name}" is ${Array.isArray(given) ? "an array" : JSON.stringify(given)}.`,
      "Give an object: Playwright reads an array in test.use() as [value, options] and would silently drop the rest.",
    );
  }
  const odd = Object.keys(given).filter((field) => !fields.has(field));
  if (odd.length > 0) {
    throw new XmtpTestError(
      "INVALID_OPTION",
      `The option "${name}" has no field ${odd.map((field) => `"${field}"`).join(", ")}.`,
      `Known fields: ${[...fields].sort().join(", ")}.`,
    );
  }
  return given as Record<string, unknown>;
}
