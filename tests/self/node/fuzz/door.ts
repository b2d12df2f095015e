import { once } from "node:events";
import { connect, createServer } from "node:net";
import type { AddressInfo, Server, Socket } from "node:net";
import { pipeline } from "node:stream";

/**
 * A way to the node for the bystanders alone. An SDK client opens its second connection when it pleases, and keeps both
 * for as long as its process lives: to close the door is the only way to know that whatever is still open is not theirs.
 */
export class Door implements AsyncDisposable {
  readonly url: string;
  readonly #server: Server;
  readonly #callers: Set<Socket>;

  private constructor(server: Server, callers: Set<Socket>) {
    this.#server = server;
    this.#callers = callers;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  static async open(port: number): Promise<Door> {
    const callers = new Set<Socket>();
    const server = createServer((caller) => {
      const node = connect(port, "127.0.0.1");
      callers.add(caller);
      caller.on("close", () => callers.delete(caller));
      // Either end may be cut off at any time; the other then goes as well.
      pipeline(caller, node, caller, () => {
        caller.destroy();
        node.destroy();
      });
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return new Door(server, callers);
  }

  /** Cuts off who came by it. Idempotent. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, "close");
    this.#server.close();
    for (const caller of this.#callers) caller.destroy();
    await closed;
  }
}
