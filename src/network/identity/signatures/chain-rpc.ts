import { rustString } from "../rust-text.js";

/** One JSON-RPC call; it rejects when the chain cannot be reached, answers with an error, or takes too long. */
export type ChainRpc = (
  url: string,
  method: string,
  params: readonly unknown[],
  timeoutMs: number,
) => Promise<unknown>;

/**
 * A chain that gave no result. The texts are those of alloy, the library that the real validation service asks chains
 * with: its Display form in a refused update, its Debug form in an entry of VerifySmartContractWalletSignatures.
 */
export class ChainRpcError extends Error {
  override readonly name = "ChainRpcError";
  /** Rust's Debug form of the same error. */
  readonly debug: string;

  constructor(message: string, debug: string, options?: ErrorOptions) {
    super(message, options);
    this.debug = debug;
  }
}

/** JSON-RPC over HTTP. @throws ChainRpcError for any answer but a result. */
export const jsonRpc: ChainRpc = async (url, method, params, timeoutMs) => {
  const response = await ask(url, { jsonrpc: "2.0", id: 1, method, params }, timeoutMs);
  const text = await response.text();
  if (!response.ok) throw httpError(response.status, text);
  const body = parsed(text);
  if (typeof body !== "object" || body === null) throw notJson("invalid type", text);
  if ("error" in body && body.error !== null) throw errorResponse(body.error, text);
  return (body as { result?: unknown }).result;
};

async function ask(url: string, body: unknown, timeoutMs: number): Promise<Response> {
  try {
    return await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(timeoutMs),
    });
  } catch (error) {
    // A chain that took too long is nobody's error on the real node, which waits.
    if (error instanceof Error && error.name === "TimeoutError") throw error;
    const message = `error sending request for url (${new URL(url).href})`;
    const debug = `Transport(Custom(reqwest::Error { kind: Request, url: ${rustString(new URL(url).href)} }))`;
    throw new ChainRpcError(message, debug, { cause: error });
  }
}

function httpError(status: number, body: string): ChainRpcError {
  const message = `HTTP error ${status} with ${body === "" ? "empty body" : `body: ${body}`}`;
  const debug = `Transport(HttpError(HttpError { status: ${status}, body: ${rustString(body)} }))`;
  return new ChainRpcError(message, debug);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw text.trim() === ""
      ? notJson("EOF while parsing a value", text, { line: 1, column: 0 })
      : notJson("expected value", text, { line: 1, column: 1 });
  }
}

/** What serde_json says of text that is no JSON-RPC answer. Its place is exact for text that does not begin as JSON. */
function notJson(why: string, text: string, { line, column } = { line: 1, column: 1 }): ChainRpcError {
  return new ChainRpcError(
    `deserialization error: ${why} at line ${line} column ${column}\n${text}`,
    `DeserError { err: Error(${rustString(why)}, line: ${line}, column: ${column}), text: ${rustString(text)} }`,
  );
}

function errorResponse(error: unknown, text: string): ChainRpcError {
  if (typeof error !== "object" || error === null || !("code" in error)) return notJson("invalid type", text);
  const { code, message = "" } = error as { code: unknown; message?: unknown };
  const data = "data" in error ? JSON.stringify(error.data) : undefined;
  const tail = data === undefined ? "" : `, data: ${data}`;
  const debugData = data === undefined ? "None" : `Some(RawValue(${data}))`;
  return new ChainRpcError(
    `server returned an error response: error code ${String(code)}: ${String(message)}${tail}`,
    `ErrorResp(ErrorPayload { code: ${String(code)}, message: ${rustString(String(message))}, data: ${debugData} })`,
  );
}
