/** The repository's folder. */
export const root: string;
/** Where what takes long to fetch is kept between runs. */
export const cache: string;
/** Where a folder's packages are, or will be, installed; named after its lockfile. */
export function homeOf(name: string, folder: string): string;
/** Installs a folder's packages once per lockfile. */
export function installOnce(
  folder: string,
  home: string,
  options?: { readonly args?: readonly string[]; readonly env?: NodeJS.ProcessEnv },
): void;
