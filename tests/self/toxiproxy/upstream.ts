import { createServer } from "node:net";
import { Peer } from "./peer.js";
import type { AddressInfo, Server } from "node:net";

/** `echo` sends back what it reads; `hold` leaves both directions to the check; `deaf` never reads. */
export type UpstreamKind = "echo" | "hold" | "deaf";

/** A server behind a proxy. */
export class Upstream {
  readonly #server: Server;
  readonly #peers: Peer[] = [];
  readonly #arrived: Peer[] = [];
  #waiting: ((peer: Peer) => void)[] = [];

  private constructor(kind: UpstreamKind) {
    this.#server = createServer({ allowHalfOpen: true, pauseOnConnect: kind === "deaf" }, (socket) => {
      const peer = new Peer(socket, kind === "deaf");
      if (kind === "echo") {
        socket.on("data", (data) => socket.write(data));
        socket.on("end", () => socket.end());
      }
      this.#peers.push(peer);
      const waiting = this.#waiting.shift();
      if (waiting) waiting(peer);
      else this.#arrived.push(peer);
    });
  }

  static async start(kind: UpstreamKind): Promise<Upstream> {
    const upstream = new Upstream(kind);
    await new Promise<void>((resolve) => upstream.#server.listen(0, "127.0.0.1", resolve));
    return upstream;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** The next connection that has arrived, or arrives. */
  next(): Promise<Peer> {
    const peer = this.#arrived.shift();
    if (peer) return Promise.resolve(peer);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error("no connection reached the upstream in 5 s")), 5000);
      this.#waiting.push((arrived) => {
        clearTimeout(timer);
        resolve(arrived);
      });
    });
  }

  close(): void {
    this.#server.close();
    for (const peer of this.#peers) peer.destroy();
  }
}
