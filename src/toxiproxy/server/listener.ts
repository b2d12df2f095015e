import { createServer } from "node:net";
import { AddressError, joinHostPort, resolveAddress } from "../wire/address.js";
import { ApiError } from "../wire/api-error.js";
import { errorText } from "../../errors.js";
import type { AddressInfo, Server, Socket } from "node:net";

/** Texts of the operating system's refusals, as Go prints them. */
const reasons: Readonly<Record<string, string>> = {
  EADDRINUSE: "address already in use",
  EADDRNOTAVAIL: "cannot assign requested address",
  EACCES: "permission denied",
};

/** An open port of a proxy. */
export interface Listener {
  /** The resolved address: `127.0.0.1:35059`, `[::]:80`. */
  readonly address: string;
  /** Stops accepting; resolves when the port is free. */
  close(): Promise<void>;
}

/**
 * Listens on `address` (port 0 picks a free one) and hands each client over paused.
 *
 * @throws ApiError 500 with the text Go's net.Listen gives
 */
export async function listen(address: string, onClient: (client: Socket) => void): Promise<Listener> {
  const { host, port, text } = await resolveListen(address);
  const options = { allowHalfOpen: true, pauseOnConnect: true, noDelay: true };
  const server = createServer(options, onClient);
  await opened(server, host, port, text);
  // Errors of accept (out of file descriptors) end one client, not the server.
  server.on("error", () => undefined);
  const { address: ip, port: bound } = server.address() as AddressInfo;
  return {
    address: joinHostPort(ip, bound),
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

async function resolveListen(address: string) {
  try {
    return await resolveAddress(address);
  } catch (error) {
    if (error instanceof AddressError) throw new ApiError(`listen tcp: ${error.message}`, 500);
    throw error;
  }
}

function opened(server: Server, host: string, port: number, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const reason = reasons[error.code ?? ""] ?? errorText(error);
      reject(new ApiError(`listen tcp ${text}: bind: ${reason}`, 500));
    });
    // 0.0.0.0 opens every interface of both families, as Go's "tcp" network does.
    const everywhere = host === "" || host === "0.0.0.0" || host === "::";
    server.listen({ host: everywhere ? "::" : host, port }, () => {
      server.removeAllListeners("error");
      resolve();
    });
  });
}
