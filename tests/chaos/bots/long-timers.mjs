// Given to a bot by NODE_OPTIONS: says which long waits it begins, and ends them at once on SIGUSR2.
// So a test has an SDK's wait of a minute in figures, and need not sit it out.
import process from "node:process";
import { clearTimeout } from "node:timers";

const LONG_MS = 10_000;
const start = globalThis.setTimeout;
const waiting = new Map();

globalThis.setTimeout = Object.assign((callback, ms, ...args) => {
  if (!(ms >= LONG_MS)) return start(callback, ms, ...args);
  const go = () => {
    waiting.delete(timer);
    callback(...args);
  };
  const timer = start(go, ms);
  waiting.set(timer, go);
  console.log(`process ${process.pid} waits ${ms} ms`);
  return timer;
}, start);

process.on("SIGUSR2", () => {
  for (const [timer, go] of [...waiting]) {
    clearTimeout(timer);
    go();
  }
});
