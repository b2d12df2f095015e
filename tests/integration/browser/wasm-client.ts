import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import * as wasm from "@xmtp/wasm-bindings";
import type { Client, Message } from "@xmtp/wasm-bindings";
import { toBytes } from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";

/** The engine of `@xmtp/browser-sdk`, in this process. */
let engine: Promise<unknown> | undefined;

async function load(): Promise<void> {
  // The bindings ask for a browser's global object, and fetch their file from a page's address.
  Object.assign(globalThis, { self: globalThis });
  const file = new URL("bindings_wasm_bg.wasm", import.meta.resolve("@xmtp/wasm-bindings"));
  await wasm.default({ module_or_path: await readFile(fileURLToPath(file)) });
}

/** A registered client of the browser's engine, its database in memory; it speaks grpc-web to `url`. */
export async function newWasmClient(url: string): Promise<Client> {
  await (engine ??= load());
  const account = privateKeyToAccount(generatePrivateKey());
  const identifier = {
    identifier: account.address.toLowerCase(),
    identifierKind: wasm.IdentifierKind.Ethereum,
  };
  const client = await wasm.createClient(
    url,
    wasm.generateInboxId(identifier),
    identifier,
    null,
    undefined,
    null,
    // Its worker would go on in this process after the test: the bindings have no way to close a client.
    wasm.DeviceSyncWorkerMode.Disabled,
    { level: wasm.LogLevel.Off },
  );
  const request = client.createInboxSignatureRequest();
  if (!request) throw new Error("A fresh identity is registered already.");
  await request.addEcdsaSignature(
    toBytes(await account.signMessage({ message: await request.signatureText() })),
  );
  await client.registerIdentity(request);
  return client;
}

/** All messages of a client from now on. */
export class WasmStream implements Disposable {
  readonly received: { readonly from: string; readonly text: string; readonly conversation: string }[] = [];
  readonly errors: unknown[] = [];
  readonly #end: () => void;

  private constructor(client: Client) {
    const closer = client
      .conversations()
      .streamAllMessages({
        on_message: (message: Message) => this.#take(message),
        on_error: (error: unknown) => this.errors.push(error),
        on_close: () => undefined,
      });
    // endAndWait() of 1.9.1 rejects: "error joining task The stream was closed".
    this.#end = () => closer.end();
  }

  static open(client: Client): WasmStream {
    return new WasmStream(client);
  }

  /** The texts of one sender, in the order they came. */
  textsOf(inboxId: string): string[] {
    return this.received.filter(({ from }) => from === inboxId).map(({ text }) => text);
  }

  [Symbol.dispose](): void {
    this.#end();
  }

  #take(message: Message): void {
    if (message.content.type?.typeId !== "text") return;
    this.received.push({
      from: message.senderInboxId,
      conversation: message.convoId,
      text: new TextDecoder().decode(message.content.content),
    });
  }
}
