/**
 * What the clients of one node may make it hold at one time, bytes: requests under way, answers that nobody has read,
 * uploads. The real node has no such limit (a container's memory is its limit); five of its largest messages fit.
 */
const MAX_HELD_BYTES = 256 * 2 ** 20;
/** What an open call costs beside its messages: 35,500 open streams were measured to take 82 MB. */
const CALL_BYTES = 2_048;

/**
 * Counts what clients make the node hold, in all and by connection. At the limit the connection that holds most gives
 * way: if it asks for more, it is refused; if somebody else does, it is ended. So one greedy client cannot keep the
 * others from being served, on however many connections.
 *
 * A buffer that several streams hold (a message goes to each subscriber in the same bytes) counts once in all.
 */
export class HeldBytes {
  readonly #limit: number;
  readonly #connections = new Set<HeldByConnection>();
  readonly #frames = new Map<Buffer, number>();
  #total = 0;

  /** @param limit bytes. Default {@link MAX_HELD_BYTES} */
  constructor(limit = MAX_HELD_BYTES) {
    this.#limit = limit;
  }

  /** Bytes that are held now. */
  get total(): number {
    return this.#total;
  }

  /** @param end ends the connection, for when it has to give way */
  connection(end: () => void): HeldByConnection {
    const connection = new HeldByConnection(this, end);
    this.#connections.add(connection);
    return connection;
  }

  /** @internal */
  forget(connection: HeldByConnection): void {
    this.#connections.delete(connection);
  }

  /** Makes room for bytes of this connection. @internal @returns false when it has to give way itself */
  admit(connection: HeldByConnection, bytes: number, frame?: Buffer): boolean {
    const shared = frame !== undefined && this.#frames.has(frame);
    while (!shared && this.#total + bytes > this.#limit) {
      const largest = this.#largest(connection, bytes);
      if (largest === connection) return false;
      largest.giveWay();
    }
    if (frame) this.#frames.set(frame, (this.#frames.get(frame) ?? 0) + 1);
    if (!shared) this.#total += bytes;
    return true;
  }

  /** @internal */
  release(bytes: number, frame?: Buffer): void {
    if (frame) {
      const others = (this.#frames.get(frame) ?? 1) - 1;
      if (others > 0) {
        this.#frames.set(frame, others);
        return;
      }
      this.#frames.delete(frame);
    }
    this.#total -= bytes;
  }

  #largest(asking: HeldByConnection, bytes: number): HeldByConnection {
    let largest = asking;
    let most = asking.bytes + bytes;
    for (const connection of this.#connections) {
      if (connection.bytes <= most) continue;
      largest = connection;
      most = connection.bytes;
    }
    return largest;
  }
}

/** What one connection makes the node hold. */
export class HeldByConnection {
  readonly #all: HeldBytes;
  readonly #end: () => void;
  readonly #calls = new Set<HeldByCall>();
  #bytes = 0;
  #ended = false;

  /** @internal use {@link HeldBytes.connection} */
  constructor(all: HeldBytes, end: () => void) {
    this.#all = all;
    this.#end = end;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** @returns undefined when there is no room for one more */
  call(): HeldByCall | undefined {
    if (!this.take(CALL_BYTES)) return undefined;
    const call = new HeldByCall(this, CALL_BYTES, () => this.#calls.delete(call));
    this.#calls.add(call);
    return call;
  }

  /** The connection is over: all that it held is free. */
  close(): void {
    this.#ended = true;
    for (const call of [...this.#calls]) call.close();
    this.#all.forget(this);
  }

  /** @internal */
  giveWay(): void {
    this.close();
    this.#end();
  }

  /** @internal */
  take(bytes: number, frame?: Buffer): boolean {
    if (this.#ended || !this.#all.admit(this, bytes, frame)) return false;
    this.#bytes += bytes;
    return true;
  }

  /** @internal */
  free(bytes: number, frame?: Buffer): void {
    this.#bytes -= bytes;
    this.#all.release(bytes, frame);
  }
}

/** What one call makes the node hold; a file that is uploaded counts as one. */
export class HeldByCall {
  readonly #connection: HeldByConnection;
  readonly #onClose: () => void;
  readonly #frames: Buffer[] = [];
  #bytes: number;
  #closed = false;

  /** @internal use {@link HeldByConnection.call} */
  constructor(connection: HeldByConnection, bytes: number, onClose: () => void) {
    this.#connection = connection;
    this.#bytes = bytes;
    this.#onClose = onClose;
  }

  /** Whose call it is. */
  get connection(): object {
    return this.#connection;
  }

  /** Bytes of the request, held until the call is over. @returns false when there is no room for them */
  take(bytes: number): boolean {
    if (this.#closed || !this.#connection.take(bytes)) return false;
    this.#bytes += bytes;
    return true;
  }

  /** Bytes of the request that are no longer needed. */
  free(bytes: number): void {
    if (this.#closed) return;
    this.#bytes -= bytes;
    this.#connection.free(bytes);
  }

  /** A message on its way to the client, held until {@link sent}. @returns false when there is no room for it */
  send(frame: Buffer): boolean {
    if (this.#closed || !this.#connection.take(frame.length, frame)) return false;
    this.#frames.push(frame);
    return true;
  }

  /** The oldest message has left. */
  sent(): void {
    const frame = this.#frames.shift();
    if (frame) this.#connection.free(frame.length, frame);
  }

  /** The call is over. Idempotent. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#onClose();
    this.#connection.free(this.#bytes);
    while (this.#frames.length > 0) this.sent();
  }
}
