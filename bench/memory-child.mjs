/** One process of bench/memory.mjs: an embedded node, or workers of a node elsewhere. */
import { getWorkers } from "../dist/fixtures/index.js";
import { startNode } from "../dist/src/network/index.js";

const node = process.argv[2] === "node" ? await startNode() : undefined;
const managers = [];
process.on("message", (question) => {
  void answer(question).then((value) => process.send?.(value));
});
process.on("disconnect", () => process.exit());
process.send?.({ url: node?.url });

async function answer(question) {
  if (question === "stats") return await node.stats();
  if (question === "rss") {
    globalThis.gc();
    return process.memoryUsage().rss;
  }
  const names = Array.from({ length: question.count }, (_, at) => `w${managers.length}x${at}`);
  managers.push(await getWorkers(names, "bench", question.url));
  return question.count;
}
