/** A folder to put first on PATH, whose `node` has a new enough glibc; "" where the system's own does. @throws Error saying why there is none */
export function newerGlibc(): string;
