/** @param scene whose failing test is shown. Default "report" */
export function screenshotReport(
  file: string,
  folder: string,
  scene?: "report" | "agent",
): Promise<{ width: number; height: number }>;
