/**
 * Resolves at SIGINT or SIGTERM, so that a server can end what it started. Keeps the process alive until then.
 *
 * @param died of the server; its error ends the waiting at once
 */
export async function untilSignal(died: Promise<Error>): Promise<NodeJS.Signals> {
  const [signal, stop] = signalOrStop();
  try {
    return await Promise.race([
      signal,
      died.then((error) => {
        throw error;
      }),
    ]);
  } finally {
    stop();
  }
}

function signalOrStop(): [signal: Promise<NodeJS.Signals>, stop: () => void] {
  // Servers run in threads that do not keep the process alive; an idle timer does, until the signal.
  const alive = setInterval(() => undefined, 2 ** 30);
  let take: (signal: NodeJS.Signals) => void = () => undefined;
  const signal = new Promise<NodeJS.Signals>((resolve) => (take = resolve));
  process.on("SIGINT", take);
  process.on("SIGTERM", take);
  return [
    signal,
    () => {
      clearInterval(alive);
      process.off("SIGINT", take);
      process.off("SIGTERM", take);
    },
  ];
}
