export function screenshotReport(file: string, folder: string): Promise<{ width: number; height: number }>;
