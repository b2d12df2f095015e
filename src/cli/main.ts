#!/usr/bin/env node
import { refusePlugNPlay } from "../environment.js";
import { errorText, XmtpTestError } from "../errors.js";
import { initCommand } from "./init-command.js";
import { loadCommand, loadReportCommand } from "./load-command.js";
import { migrateCommand } from "./migrate-command.js";
import { nodeCommand } from "./node-command.js";
import { populateCommand } from "./populate-command.js";
import { toxiproxyCommand } from "./toxiproxy-command.js";
import { packageVersion } from "./version.js";

/** A command: takes its arguments, resolves when it is done. */
type Command = (args: string[]) => Promise<void>;

const commands: Readonly<Record<string, { readonly run: Command; readonly help: string }>> = {
  init: {
    run: initCommand,
    help: "write a config, a test (of workers, --agent or --web) and a CI workflow here",
  },
  node: { run: nodeCommand, help: "run the embedded XMTP node until Ctrl+C" },
  toxiproxy: { run: toxiproxyCommand, help: "run the embedded Toxiproxy until Ctrl+C" },
  migrate: { run: migrateCommand, help: "move vitest suites of the on-demand worker framework here" },
  load: { run: loadCommand, help: "run an Artillery script with XMTP users in several processes" },
  "load-report": { run: loadReportCommand, help: "one report of the load blobs of several machines" },
  populate: { run: populateCommand, help: "register inboxes once and keep the network in a file" },
};

function usage(): string {
  const lines = Object.entries(commands).map(([name, { help }]) => `  ${name.padEnd(11)} ${help}`);
  return `Usage: playwright-xmtp <command> [options]\n\n${lines.join("\n")}\n\nEach command explains itself with --help; --version prints the version.`;
}

async function main([name = "--help", ...args]: string[]): Promise<void> {
  if (name === "--help" || name === "-h" || name === "help") {
    console.log(usage());
    return;
  }
  if (name === "--version" || name === "-v" || name === "version") {
    console.log(await packageVersion());
    return;
  }
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!command)
    throw new XmtpTestError(
      "UNKNOWN_COMMAND",
      `Unknown command "${name}".`,
      `Known: ${Object.keys(commands).join(", ")}.`,
    );
  refusePlugNPlay();
  await command.run(args);
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(errorText(error));
  process.exitCode = 1;
});
