/**
 * Makes one file of each server that runs in a thread, with the libraries it uses: the node's 196 modules cost its thread
 * three times what the one file does. The libraries stay dependencies, and their licenses come with them.
 */
import { rolldown } from "rolldown";

const entries = { node: "dist/src/network/node/node-thread.js", toxiproxy: "dist/src/toxiproxy/thread.js" };

for (const [name, input] of Object.entries(entries)) {
  const bundle = await rolldown({ input: { [name]: input }, platform: "node", external: ["viem"] });
  await bundle.write({
    dir: "dist/threads",
    format: "esm",
    entryFileNames: "[name].js",
    chunkFileNames: `${name}-[name].js`,
    banner:
      "// Includes @bufbuild/protobuf (Apache-2.0 AND BSD-3-Clause), @noble/curves and @noble/hashes (MIT).",
  });
  await bundle.close();
}
