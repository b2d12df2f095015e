import { writeFile } from "node:fs/promises";
import type { TestInfo } from "@playwright/test";

/** Above this many characters an attachment goes to a file: bodies travel base64 over IPC and sit inside blob reports (playwright#28362). */
const maxBody = 100_000;

/** Attaches text from test scope; large text as a file in the test's output folder. */
export async function attachText(
  testInfo: TestInfo,
  name: string,
  contentType: string,
  text: string,
): Promise<void> {
  if (text.length <= maxBody) {
    await testInfo.attach(name, { body: text, contentType });
    return;
  }
  const path = testInfo.outputPath(name);
  await writeFile(path, text);
  await testInfo.attach(name, { path, contentType });
}

/** Whether the test has gone wrong so far: its status is not the expected one. */
export function hasFailed(testInfo: TestInfo): boolean {
  return testInfo.status !== testInfo.expectedStatus;
}
