import { receiveMessageOnPort } from "node:worker_threads";
import type { MessagePort } from "node:worker_threads";
import type { PortEvent } from "./port-traffic.js";

/** What the node's thread tells of its clients' ports, on a channel of its own that can be read without waiting. */
export class PortEvents {
  readonly #channel: MessagePort;
  readonly #listeners = new Set<(event: PortEvent) => void>();

  constructor(channel: MessagePort) {
    this.#channel = channel;
    channel.on("message", (event: PortEvent) => this.#tell(event)).unref();
  }

  /** @returns the unsubscriber */
  subscribe(listener: (event: PortEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Tells at once what has come already, and would be told in one of the next turns of the event loop. */
  hear(): void {
    for (;;) {
      const next = receiveMessageOnPort(this.#channel);
      if (next === undefined) return;
      this.#tell(next.message as PortEvent);
    }
  }

  close(): void {
    this.#channel.close();
  }

  #tell(event: PortEvent): void {
    for (const listener of [...this.#listeners]) listener(event);
  }
}
