import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { connect } from "node:net";
import type { Socket } from "node:net";

/** Listens with a backlog of one and says its port. */
const program = `require("node:net").createServer().listen({ port: 0, host: "127.0.0.1", backlog: 1 }, function () {
  process.stdout.write(String(this.address().port));
})`;

export interface SilentPort {
  readonly port: number;
  /** Dials to the port that hang now, beyond those that filled the backlog. */
  hanging(): Promise<number>;
  close(): Promise<void>;
}

/**
 * A port on which a dial hangs: its process is stopped and its backlog is full, so the kernel leaves
 * further connection attempts without an answer.
 */
export async function silentPort(): Promise<SilentPort> {
  const child = spawn(process.execPath, ["-e", program], { stdio: ["ignore", "pipe", "ignore"] });
  const [text] = (await once(child.stdout, "data")) as [Buffer];
  const port = Number(text.toString());
  child.kill("SIGSTOP");
  const fill: Socket[] = [];
  while (fill.length < 20 && (await answered(port, fill)));
  const own = await synSent(port);
  return {
    port,
    hanging: async () => (await synSent(port)) - own,
    async close() {
      for (const socket of fill) socket.destroy();
      const gone = once(child, "exit");
      child.kill("SIGKILL");
      await gone;
    },
  };
}

/** Connections to `port` whose first packet has no answer, from the kernel's table (state 02). */
async function synSent(port: number): Promise<number> {
  const remote = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  const rows = (await readFile("/proc/net/tcp", "utf8")).split("\n").map((row) => row.trim().split(/\s+/));
  return rows.filter(([, , to, state]) => to?.endsWith(remote) === true && state === "02").length;
}

/** Whether a connection attempt is answered within 300 ms; loopback answers in far less. */
function answered(port: number, keep: Socket[]): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: "127.0.0.1", timeout: 300 });
    keep.push(socket);
    socket.on("error", () => resolve(false));
    socket.once("connect", () => resolve(true));
    socket.once("timeout", () => resolve(false));
  });
}
