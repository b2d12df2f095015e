import { pathToFileURL } from "node:url";
import { errorText, XmtpTestError } from "../../../errors.js";
import { withBinding } from "./binding.js";
import type { BindingModule } from "./binding.js";
import { installHint, newestThatLoads } from "./advice.js";
import { chooseSdk } from "./choose.js";
import { warnOfCopies } from "./copies.js";
import type { InstalledSdk } from "./discover.js";
import { ClientFacade } from "../facade.js";
import type { RawOpeners } from "../facade.js";
import { instrument } from "../instrument.js";
import { preflight, versionsThatWork } from "./preflight.js";
import { networkOptions } from "./routing.js";
import type { AnyClient, AnyModule } from "../shapes.js";
import { watchSubscriptions } from "../subscription.js";
import type { SdkClient, SdkCreateOptions, SdkModule } from "../types.js";

const loaded = new Map<string, Promise<SdkModule>>();

/**
 * Loads one installed node-sdk: the given version ("5.5.0", or "4.6" for the newest 4.6.x installed), else
 * the one the project itself imports as `@xmtp/node-sdk`. It is the same module instance that the
 * application under test gets from its own import. Native code is loaded here, not before.
 * @throws XmtpTestError `SDK_VERSION` when it is not installed, `SDK_BINDING` when its native part does not
 *   load on this machine
 */
export function loadSdk(version?: string): Promise<SdkModule> {
  const sdk = chooseSdk(version);
  const known = loaded.get(sdk.directory);
  if (known !== undefined) return known;
  const loading = load(sdk);
  if (version === undefined) warnOfCopies(sdk);
  loaded.set(sdk.directory, loading);
  return loading;
}

async function load(sdk: InstalledSdk): Promise<SdkModule> {
  let module: AnyModule;
  let bindings: BindingModule;
  try {
    module = (await import(pathToFileURL(sdk.entry).href)) as AnyModule;
    bindings = (await import(pathToFileURL(sdk.bindingsEntry).href)) as BindingModule;
  } catch (error) {
    const { reasons, notes } = preflight(sdk);
    const why = [...reasons, ...notes].join("; ") || errorText(error);
    throw new XmtpTestError(
      "SDK_BINDING",
      `node-sdk ${sdk.version} (bindings ${sdk.bindingsVersion}) does not load here (${why}).`,
      `Installed versions that load here: ${versionsThatWork()}. ${installHint(newestThatLoads())}`,
      { cause: error },
    );
  }
  if (!isKnownShape(module)) throw unsupported(sdk);
  return {
    specifier: sdk.specifier,
    version: sdk.version,
    bindingsVersion: sdk.bindingsVersion,
    exports: module as unknown as Readonly<Record<string, unknown>>,
    create: (options) => create(sdk, module, bindings, options),
  };
}

function isKnownShape(module: Partial<AnyModule>): boolean {
  return typeof module.Client?.create === "function" && typeof module.ApiUrls === "object";
}

function unsupported({ version }: InstalledSdk): XmtpTestError {
  return new XmtpTestError(
    "SDK_UNSUPPORTED",
    `node-sdk ${version} is built in a way this package does not know.`,
    "Use a version from 4.4 to 6.x, and report this one.",
  );
}

/** By its number, for once: the option is new in 4.5, and nothing in the exports tells. */
function noGateway({ version }: InstalledSdk): XmtpTestError {
  return new XmtpTestError(
    "SDK_UNSUPPORTED",
    `node-sdk ${version} cannot use a gateway.`,
    "Use 4.5 or newer for workers with `gateway: true`, or leave it out.",
  );
}

async function create(
  sdk: InstalledSdk,
  module: AnyModule,
  bindings: BindingModule,
  options: SdkCreateOptions,
): Promise<SdkClient> {
  const { signer, network, codecs = [] } = options;
  if (network.gateway === true && /^4\.[0-4]\./.test(sdk.version)) throw noGateway(sdk);
  const wallet = {
    type: "EOA",
    getIdentifier: () => ({ identifier: signer.address, identifierKind: 0 }),
    signMessage: (text: string) => signer.sign(text),
  };
  let made: Awaited<ReturnType<typeof withBinding<AnyClient>>>;
  try {
    const route = await networkOptions(module, network, options.appVersion);
    made = await withBinding(bindings, () =>
      module.Client.create(wallet, {
        ...route,
        dbPath: options.dbPath,
        dbEncryptionKey: options.dbEncryptionKey,
        disableDeviceSync: options.disableDeviceSync ?? false,
        codecs,
      }),
    );
  } catch (error) {
    throw new XmtpTestError(
      "CLIENT_CREATE",
      `node-sdk ${sdk.version} could not create a client at ${network.url} (${errorText(error)}).`,
      "Check that the node is reachable, and that the database fits its key and version.",
      { cause: error },
    );
  }
  const { result: client, binding } = made;
  if (binding === undefined) throw unsupported(sdk);
  watchSubscriptions(binding.conversations);
  const raw = rawOpeners(client);
  if (network.historyUrl === null) refuseSyncRequests(client, network.url);
  else defaultHistoryUrl(client, network.historyUrl);
  const shared = instrument(module, client, options.observer, codecs);
  return new ClientFacade(module, client, binding, shared, raw);
}

function rawOpeners({ conversations, preferences }: AnyClient): RawOpeners {
  const ofConversations = Object.getPrototypeOf(conversations) as AnyClient["conversations"];
  const ofPreferences = Object.getPrototypeOf(preferences) as AnyClient["preferences"];
  return {
    messages: (options) => ofConversations.streamAllMessages.call(conversations, options),
    conversations: (options) => ofConversations.stream.call(conversations, options),
    consent: (options) => ofPreferences.streamConsent.call(preferences, options),
  };
}

/** Without a history server a request for history is never answered: it is refused here, by name. */
function refuseSyncRequests(client: AnyClient, nodeUrl: string): void {
  const base = Object.getPrototypeOf(client) as AnyClient;
  const refusing =
    (method: "sendSyncRequest" | "sendSyncArchive", urlAt: number) =>
    async (...args: unknown[]): Promise<unknown> => {
      if (typeof args[urlAt] === "string") return base[method]?.call(client, ...args);
      throw new XmtpTestError(
        "NO_HISTORY_SERVER",
        `${method}() needs a history server, and none is known for the node at ${nodeUrl}.`,
        "Set XMTP_HISTORY_URL or the option xmtpHistoryUrl, or leave device sync out of this test.",
      );
    };
  Object.defineProperties(client, {
    sendSyncRequest: { configurable: true, writable: true, value: refusing("sendSyncRequest", 1) },
    ...(client.sendSyncArchive !== undefined && {
      sendSyncArchive: { configurable: true, writable: true, value: refusing("sendSyncArchive", 2) },
    }),
  });
}

/** 6.x takes the history server as the last argument but one or two, by default that of its environment. */
function defaultHistoryUrl(client: AnyClient, url: string): void {
  if (client.sendSyncArchive === undefined) return;
  const base = Object.getPrototypeOf(client) as AnyClient;
  Object.defineProperties(client, {
    sendSyncRequest: {
      configurable: true,
      writable: true,
      value: (options?: unknown, server: unknown = url) =>
        base.sendSyncRequest?.call(client, options, server),
    },
    sendSyncArchive: {
      configurable: true,
      writable: true,
      value: (pin: unknown, options?: unknown, server: unknown = url) =>
        base.sendSyncArchive?.call(client, pin, options, server),
    },
  });
}
