import { readFileSync } from "node:fs";

/** CPU time of the calling thread where the system tells (Linux). */
export function threadCpuMs(): number | undefined {
  if (process.platform !== "linux") return undefined;
  const [nanoseconds] = readFileSync("/proc/thread-self/schedstat", "utf8").split(" ");
  return Number(nanoseconds) / 1e6;
}
