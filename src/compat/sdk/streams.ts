type Any = Record<string, unknown>;

/** The callback of 4.0 and before: error first. */
type OldCallback = (error: unknown, value?: unknown) => unknown;

/**
 * A stream method that also takes the callback of old versions, and whose result can be iterated at once: old versions
 * gave the stream itself, later ones a promise of it.
 */
export const stream =
  (name: string) =>
  (real: Any): unknown => {
    const open = real[name];
    if (typeof open !== "function") return undefined;
    return (first?: unknown, ...rest: unknown[]): unknown => {
      const options = typeof first === "function" ? optionsOf(first as OldCallback) : first;
      const opened = Promise.resolve(
        (open as (...args: unknown[]) => unknown).call(real, options, ...rest) as AsyncIterable<unknown>,
      );
      return Object.assign(opened, {
        [Symbol.asyncIterator]: async function* () {
          yield* await opened;
        },
      });
    };
  };

function optionsOf(callback: OldCallback): object {
  return { onValue: (value: unknown) => callback(null, value), onError: (error: unknown) => callback(error) };
}
