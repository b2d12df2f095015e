export const browser: string;
export const missing: string | undefined;
export function screenshotReport(file: string, folder: string): Promise<{ width: number; height: number }>;
