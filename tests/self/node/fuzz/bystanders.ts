import { newClient } from "../../network/sdk-client.js";

type SdkClient = Awaited<ReturnType<typeof newClient>>;
type Dm = Awaited<ReturnType<SdkClient["conversations"]["createDm"]>>;
type Stream = Awaited<ReturnType<SdkClient["conversations"]["streamAllMessages"]>>;

/** How long the last text may take to arrive once all is sent. */
const LAST_TEXT_MS = 30_000;

/** Two real SDK clients on the same node, one of whom streams while the other writes. They must not notice a thing. */
export class Bystanders implements AsyncDisposable {
  readonly sent: string[] = [];
  readonly received: string[] = [];
  readonly failures: unknown[] = [];
  readonly #dm: Dm;
  readonly #stream: Stream;
  readonly #reading: Promise<void>;
  #arrived: (() => void) | undefined;

  private constructor(dm: Dm, stream: Stream) {
    this.#dm = dm;
    this.#stream = stream;
    this.#reading = this.#read();
  }

  static async start(node: Parameters<typeof newClient>[0]): Promise<Bystanders> {
    const [alice, bob] = [await newClient(node), await newClient(node)];
    const stream = await bob.conversations.streamAllMessages();
    return new Bystanders(await alice.conversations.createDm(bob.inboxId), stream);
  }

  async say(text: string): Promise<void> {
    await this.#dm.sendText(text);
    this.sent.push(text);
  }

  /** Waits until the last text has come. @throws Error with what is missing */
  async finish(): Promise<{ sent: string[]; received: string[] }> {
    const deadline = performance.now() + LAST_TEXT_MS;
    while (this.received.length < this.sent.length) {
      const left = deadline - performance.now();
      if (left <= 0) {
        const missing = this.sent.filter((text) => !this.received.includes(text));
        throw new Error(`Not within ${LAST_TEXT_MS} ms: ${missing.join(", ")}.`);
      }
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.#arrived = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    return { sent: this.sent, received: this.received };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stream.end();
    await this.#reading;
  }

  async #read(): Promise<void> {
    for await (const { content } of this.#stream) {
      if (typeof content === "string") this.received.push(content);
      this.#arrived?.();
    }
  }
}
