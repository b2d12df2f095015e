import { randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import { variable } from "../../environment.js";
import { errorText, XmtpTestError } from "../../errors.js";
import { readShard } from "../population/shard.js";
import type { ArtilleryEvents } from "../measuring/meter.js";
import { artilleryError } from "../users/load-user.js";
import type { LoadUser } from "../users/load-user.js";
import { LoadProcess, runOf } from "./load-process.js";
import type { ArtilleryVariables } from "./load-process.js";
import { networkOf } from "./place.js";
import { scratchFolder } from "./scratch.js";
import { checkSettings } from "./settings.js";

/** A virtual user, as Artillery hands it to its steps. */
export interface ArtilleryContext {
  /** The script's `config.variables`, and `$uuid`, the user's id: without one a step fails with `LOAD_USER`. */
  readonly vars: ArtilleryVariables & { readonly $uuid?: string };
}

let starting: Promise<LoadProcess> | undefined;
/** Errors that were told already: a thousand users fail alike. */
const told = new Set<string>();

/**
 * For the script's `before`: checks its settings and that the node answers, and names the run. An error here ends the
 * run at once; without this step each virtual user would fail by itself.
 */
export async function prepare(context: ArtilleryContext): Promise<void> {
  try {
    checkSettings(context.vars.xmtp);
    const shard = readShard(variable("XMTP_LOAD_SHARD") ?? "1/1");
    const run = variable("XMTP_LOAD_RUN");
    if (run === undefined && shard.total > 1)
      throw new XmtpTestError(
        "INVALID_OPTION",
        `Shard ${shard.current} of ${shard.total} does not know which run it is part of.`,
        "Set XMTP_LOAD_RUN to the same text for all shards, for example the CI's run id.",
      );
    await networkOf(context.vars.target);
    context.vars.xmtpRun = run ?? randomBytes(6).toString("hex");
    const scratch = scratchFolder(runOf(context.vars), shard);
    // The threads of the users are ended without a word; this is the main thread.
    process.once("exit", () => rmSync(scratch, { recursive: true, force: true, maxRetries: 5 }));
  } catch (error) {
    console.error(errorText(error));
    // Artillery goes on after a failed `before`; nothing could come of it.
    process.exit(1);
  }
}

/** Registers the next user of the population with a client of its own. */
export async function signUp(context: ArtilleryContext, events: ArtilleryEvents): Promise<void> {
  await step(context, events, async (user, all) => {
    await user.signUp();
    all.measureMemory(events);
  });
}

/** Opens the stream of all messages. Everything sent from now on is owed to this user, exactly once. */
export async function stream(context: ArtilleryContext, events: ArtilleryEvents): Promise<void> {
  await step(context, events, (user) => user.stream());
}

/** Makes the user's groups and DMs as soon as their members are registered, and waits for those that others make. */
export async function join(context: ArtilleryContext, events: ArtilleryEvents): Promise<void> {
  await step(context, events, (user) => user.join());
}

/**
 * Sends each user's first message to its conversations, one member after the other: first messages commit key updates,
 * and many at once make each other fail. Leave it out to see that storm.
 */
export async function greet(context: ArtilleryContext, events: ArtilleryEvents): Promise<void> {
  await step(context, events, (user) => user.greet());
}

/** Sends one message to one of the user's conversations, for flows with Artillery's own `loop` and `think`. */
export async function send(context: ArtilleryContext, events: ArtilleryEvents): Promise<void> {
  await step(context, events, (user) => user.send());
}

/** Talks at the pace of `talk` in the settings, and listens meanwhile. */
export async function talk(context: ArtilleryContext, events: ArtilleryEvents): Promise<void> {
  await step(context, events, (user) => user.talk());
}

/** Fetches new conversations and the messages of all. */
export async function sync(context: ArtilleryContext, events: ArtilleryEvents): Promise<void> {
  await step(context, events, (user) => user.sync());
}

/** Judges what the user was given against what its database has after a sync, then closes its client. */
export async function settle(context: ArtilleryContext, events: ArtilleryEvents): Promise<void> {
  await step(context, events, async (user, all) => {
    await user.settle();
    all.ended(idOf(context));
  });
}

async function step(
  context: ArtilleryContext,
  events: ArtilleryEvents,
  work: (user: LoadUser, all: LoadProcess) => Promise<void>,
): Promise<void> {
  let user: LoadUser | undefined;
  let all: LoadProcess | undefined;
  try {
    starting ??= LoadProcess.start(context.vars);
    all = await starting;
    user = all.user(idOf(context), events);
    if (user !== undefined) await work(user, all);
  } catch (error) {
    tell(error);
    await user?.die(error);
    all?.ended(idOf(context));
    throw artilleryError(error);
  }
}

function idOf({ vars }: ArtilleryContext): string {
  if (vars.$uuid !== undefined) return vars.$uuid;
  throw new XmtpTestError("LOAD_USER", "This virtual user has no id.", "Run the steps with Artillery 2.");
}

function tell(error: unknown): void {
  const text = errorText(error);
  const kind = text.replace(/\d+/g, "#");
  if (told.has(kind)) return;
  told.add(kind);
  console.error(text);
}
