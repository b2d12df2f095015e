import type { Http2Session } from "node:http2";

/** How often sessions are looked at; a deaf one is gone after three looks. */
const LOOK_MS = 5_000;
/** The real node pings a connection that was idle this long, and gives it 20 s to answer. */
const IDLE_PING_MS = 300_000;
const PING_TIMEOUT_MS = 20_000;
/** What a client's acknowledgement of a ping takes. */
const PING_ACK_BYTES = 17;

/**
 * Pings idle sessions, and ends those that Node has left open and deaf. After a protocol error nghttp2 sends GOAWAY by itself and
 * reads no further; Node tells nobody, keeps the socket, and does not even see the client go (measured, Node 20: HPACK
 * error, frame too long, DATA on an idle stream). A client could pile them up.
 *
 * A ping tells: a deaf session never writes it. A quiet session is pinged once, and not again until its client speaks.
 *
 * One timer looks at all sessions: Node's own, session.setTimeout, keeps a closed session in memory until it fires.
 */
export class SessionWatch {
  readonly #watched = new Map<Http2Session, Watched>();
  #timer: NodeJS.Timeout | undefined;

  watch(session: Http2Session): void {
    this.#watched.set(session, new Watched(session));
    session.once("close", () => {
      this.#watched.delete(session);
      if (this.#watched.size > 0) return;
      clearInterval(this.#timer);
      this.#timer = undefined;
    });
    // It holds nothing up: without sessions it is gone.
    this.#timer ??= setInterval(() => {
      for (const watched of this.#watched.values()) watched.look();
    }, LOOK_MS).unref();
  }
}

class Watched {
  readonly #session: Http2Session;
  /** Bytes read and written at the last look, and how many looks have seen the same. */
  #read = -1;
  #written = -1;
  #quietLooks = 0;
  /** Bytes read and written when it was pinged; until the client has spoken again. */
  #pinged: { read: number; written: number } | undefined;

  constructor(session: Http2Session) {
    this.#session = session;
  }

  look(): void {
    if (this.#session.destroyed) return;
    const { bytesRead: read, bytesWritten: written } = this.#session.socket;
    const pinged = this.#pinged;
    if (pinged && written === pinged.written && (this.#session.state.outboundQueueSize ?? 0) > 0) {
      this.#session.destroy();
    } else if (pinged && read > pinged.read + PING_ACK_BYTES) {
      this.#pinged = undefined;
    } else if (!pinged && read === this.#read) {
      this.#pinged = { read, written };
      // Whether it is answered is the idle ping's affair, which comes later and waits.
      this.#session.ping(() => undefined);
    }
    this.#quietLooks = read === this.#read && written === this.#written ? this.#quietLooks + 1 : 0;
    if (this.#quietLooks * LOOK_MS >= IDLE_PING_MS) {
      this.#quietLooks = 0;
      pingOrDestroy(this.#session);
    }
    this.#read = read;
    this.#written = written;
  }
}

function pingOrDestroy(session: Http2Session): void {
  if (session.destroyed || session.closed) return;
  const timer = setTimeout(() => session.destroy(), PING_TIMEOUT_MS);
  session.ping(() => clearTimeout(timer));
}
