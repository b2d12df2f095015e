import { HttpClient } from "toxiproxy-node-client/dist/HttpClient.js";
import { XmtpTestError, errorText, toError } from "../../errors.js";

/** How the control API is called. */
export interface HttpOptions {
  /** How long one call may take, ms. Default 5,000. */
  readonly callTimeoutMs?: number;
  /** Sent as `Authorization: Bearer …`; Toxiproxy 2.13 asks for it when started with TOXIPROXY_AUTH_TOKEN. */
  readonly token?: string;
}

/** The server's answer was an error: `TOXIPROXY_AUTH` for status 401, else `TOXIPROXY_REFUSED`, with the server's own text. */
export class ToxiproxyRefusal extends XmtpTestError {
  /** HTTP status of the answer. */
  readonly status: number;

  constructor(status: number, call: string, text: string) {
    const [code, hint] =
      status === 401
        ? ["TOXIPROXY_AUTH", "Set TOXIPROXY_AUTH_TOKEN to the server's token."]
        : ["TOXIPROXY_REFUSED", "See the server's text."];
    super(code, `Toxiproxy refused ${call} with status ${status} (${text}).`, hint);
    this.status = status;
  }
}

/**
 * The transport under toxiproxy-node-client's objects. The client's own (4.1.0) has no timeout, sends no
 * token, and drops the server's error text; this one has all three, and changes nothing else on the wire.
 */
export class ControlHttp extends HttpClient {
  readonly #timeoutMs: number;
  readonly #headers: Record<string, string>;

  constructor(options: HttpOptions = {}) {
    super();
    this.#timeoutMs = options.callTimeoutMs ?? 5000;
    this.#headers = options.token === undefined ? {} : { authorization: `Bearer ${options.token}` };
  }

  // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the signature of the class it overrides
  override async get<T>(url: string): Promise<{ data: T }> {
    return parse(await this.#call("GET", url));
  }

  // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the signature of the class it overrides
  override async post<T>(url: string, body?: unknown): Promise<{ data: T }> {
    return parse(await this.#call("POST", url, body));
  }

  override async delete(url: string): Promise<void> {
    await this.#call("DELETE", url);
  }

  override getText(url: string): Promise<string> {
    return this.#call("GET", url);
  }

  async #call(method: string, url: string, body?: unknown): Promise<string> {
    const call = `${method} ${url}`;
    const { status, ok, text } = await this.#fetch(call, url, {
      method,
      signal: AbortSignal.timeout(this.#timeoutMs),
      redirect: "error",
      headers: { ...this.#headers, ...(body === undefined ? {} : { "content-type": "application/json" }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!ok) throw new ToxiproxyRefusal(status, call, serverText(text));
    return text;
  }

  async #fetch(call: string, url: string, init: RequestInit) {
    try {
      const response = await fetch(url, init);
      return { status: response.status, ok: response.ok, text: await response.text() };
    } catch (error) {
      const timedOut = toError(error).name === "TimeoutError";
      throw new XmtpTestError(
        timedOut ? "TOXIPROXY_TIMEOUT" : "TOXIPROXY_UNREACHABLE",
        timedOut
          ? `Toxiproxy did not answer ${call} within ${this.#timeoutMs} ms.`
          : `Toxiproxy cannot be reached for ${call} (${reason(error)}).`,
        timedOut
          ? "Servers up to 2.12 hang when a toxic changes under a peer that does not read: restart it, or use 2.13."
          : "Is the server running, and is its control port published? Unset TOXIPROXY_URL for the embedded one.",
        { cause: error },
      );
    }
  }
}

/** `never`: what the caller expects is the caller's claim, as in the class this stands in for. */
function parse(text: string): { data: never } {
  return { data: (text === "" ? undefined : JSON.parse(text)) as never };
}

/** `{"error":"proxy not found","status":404}` gives "proxy not found"; anything else is given as it is. */
function serverText(text: string): string {
  const match = /^\{"error":("(?:[^"\\]|\\.)*")/.exec(text);
  return match?.[1] === undefined ? text.trim() : (JSON.parse(match[1]) as string);
}

/** fetch says "fetch failed" and keeps the reason in its cause. */
function reason(error: unknown): string {
  const { cause } = toError(error);
  if (cause === undefined) return errorText(error);
  const code = (cause as NodeJS.ErrnoException).code;
  return code ?? errorText(cause);
}
