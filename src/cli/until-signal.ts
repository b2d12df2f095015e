/** Resolves at SIGINT or SIGTERM, so that a server can end what it started. Keeps the process alive until then. */
export function untilSignal(): Promise<NodeJS.Signals> {
  // Servers run in threads that do not keep the process alive; an idle timer does, until the signal.
  const alive = setInterval(() => undefined, 2 ** 30);
  return new Promise((resolve) => {
    const stop = (signal: NodeJS.Signals): void => {
      clearInterval(alive);
      process.off("SIGINT", stop);
      process.off("SIGTERM", stop);
      resolve(signal);
    };
    process.on("SIGINT", stop);
    process.on("SIGTERM", stop);
  });
}
