export function releaseProblems(tag: string, version: string, changelog: string): string[];
