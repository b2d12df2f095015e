import { commitLog } from "./cases/commit-log.js";
import { groupMessages } from "./cases/group-messages.js";
import { groupStreams } from "./cases/group-streams.js";
import { identityLog } from "./cases/identity-log.js";
import { identityRefusals } from "./cases/identity-refusals.js";
import { keyPackages } from "./cases/key-packages.js";
import { others } from "./cases/others.js";
import { paging } from "./cases/paging.js";
import { protobuf } from "./cases/protobuf.js";
import { transport } from "./cases/transport.js";
import { welcomes } from "./cases/welcomes.js";
import { welcomeStreams } from "./cases/welcome-streams.js";
import { test } from "./target.js";
import type { Case } from "./target.js";

/**
 * What an XMTP node does and refuses, RPC by RPC: against the embedded node, or, with XMTP_API_URL or XMTP_ENV set,
 * against that one.
 */
const suites: Record<string, readonly Case[]> = {
  "group messages": groupMessages,
  welcomes,
  paging,
  "group streams": groupStreams,
  "welcome streams": welcomeStreams,
  "key packages": keyPackages,
  "commit log": commitLog,
  "identity log": identityLog,
  "identity refusals": identityRefusals,
  others,
  protobuf,
  transport,
};

for (const [suite, cases] of Object.entries(suites)) {
  test.describe(suite, () => {
    for (const { name, embeddedOnly, slow = false, run } of cases) {
      test(name, async ({ rig }) => {
        test.slow(slow, "hundreds of calls in turn");
        test.skip(
          embeddedOnly !== undefined && !rig.node,
          `only the embedded node can show it: ${embeddedOnly}`,
        );
        await run(rig);
      });
    }
  });
}
