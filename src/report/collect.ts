import { readFile } from "node:fs/promises";
import { stripVTControlCharacters } from "node:util";
import type { TestCase, TestResult } from "@playwright/test/reporter";
import { errorText } from "../errors.js";
import { decodeSamples, samplesAttachment, timelineContentType } from "./attachments.js";
import type { TestSamples } from "./attachments.js";
import { decodeFacts, factsContentType } from "./facts-attachment.js";
import { compareText } from "./measuring/samples.js";
import { shown } from "../redaction.js";
import { readTimeline } from "./timeline-facts.js";
import type { TimelineFacts } from "./timeline-facts.js";

/** What one attempt of a test left in its attachments. */
export interface AttemptData {
  readonly samples: readonly TestSamples[];
  readonly timelines: readonly TimelineFacts[];
  /** Attachments of ours that could not be read. */
  readonly problems: readonly string[];
}

/** One test with the data of its last attempt: figures of attempts that failed and were retried are dropped. */
export interface TestRecord extends AttemptData {
  readonly project: string;
  /** Relative to the test folder, with forward slashes. */
  readonly file: string;
  /** The titles of the describe blocks and the test, joined. */
  readonly title: string;
  readonly repeat: number;
  readonly outcome: ReturnType<TestCase["outcome"]>;
  readonly attempts: number;
  /** The first line of the last error of any attempt; "" without one. */
  readonly error: string;
  readonly annotations: readonly { readonly type: string; readonly description: string }[];
}

type Attachment = TestResult["attachments"][number];

/** Reads our attachments of one attempt. Never rejects: what cannot be read becomes a problem. */
export async function readAttempt(result: TestResult): Promise<AttemptData> {
  const samples: TestSamples[] = [];
  const timelines: TimelineFacts[] = [];
  // The facts were drawn from the timeline: with both, the events would count twice.
  const hasFacts = result.attachments.some(({ contentType }) => contentType === factsContentType);
  const problems: string[] = [];
  for (const attachment of result.attachments) {
    const { name, contentType } = attachment;
    try {
      if (contentType === samplesAttachment.contentType) {
        samples.push(decodeSamples(await textOf(attachment)));
      } else if (contentType === factsContentType) {
        timelines.push(decodeFacts(await textOf(attachment)));
      } else if (contentType === timelineContentType && !hasFacts) {
        timelines.push(readTimeline(await textOf(attachment)));
      }
    } catch (thrown) {
      problems.push(`attachment "${name}" cannot be read (${errorText(thrown)})`);
    }
  }
  return { samples, timelines, problems };
}

/** `test` with the data of its last attempt. */
export function toRecord(test: TestCase, data: AttemptData): TestRecord {
  const [, project = "", file = "", ...titles] = test.titlePath();
  const errors = test.results.flatMap((result) => result.errors);
  const last = test.results.at(-1);
  return {
    ...data,
    project,
    file: file.replaceAll("\\", "/"),
    title: shown(titles.join(" › ")),
    repeat: test.repeatEachIndex,
    outcome: test.outcome(),
    attempts: test.results.length,
    error: firstLine(errors.at(-1)?.message ?? ""),
    annotations: (last?.annotations ?? test.annotations).map(({ type, description = "" }) => ({
      type,
      description: shown(description),
    })),
  };
}

/** The same order whatever the order in which tests ran or shards were merged. */
export function compareRecords(a: TestRecord, b: TestRecord): number {
  return (
    compareText(a.project, b.project) ||
    compareText(a.file, b.file) ||
    compareText(a.title, b.title) ||
    a.repeat - b.repeat
  );
}

async function textOf(attachment: Attachment): Promise<string> {
  if (attachment.body) return attachment.body.toString("utf8");
  if (attachment.path) return readFile(attachment.path, "utf8");
  throw new Error("it has neither body nor path");
}

function firstLine(message: string): string {
  const line = shown((stripVTControlCharacters(message).split("\n", 1)[0] ?? "").replace(/:$/, ""));
  return line.length > 300 ? `${line.slice(0, 299)}…` : line;
}
