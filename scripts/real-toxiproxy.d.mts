export type FoundToxiproxy =
  | { readonly path: string; readonly missing?: undefined }
  | { readonly path?: undefined; readonly missing: string };

export interface RealToxiproxy {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** Exit code or signal name. */
  readonly exited: Promise<number | string>;
  /** What it wrote last to its standard error, at most 2,000 characters. */
  lastWords(): string;
  stop(): Promise<void>;
}

export const REAL_VERSION: string;
export function findRealToxiproxy(): FoundToxiproxy;
export function installRealToxiproxy(): Promise<FoundToxiproxy>;
export function startRealToxiproxy(path: string): Promise<RealToxiproxy>;
