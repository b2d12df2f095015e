import { parseArgs } from "node:util";
import { errorText, XmtpTestError } from "../errors.js";
import { packageVersion } from "./version.js";

/** One option of a command: its default shows its type. */
export type OptionTable = Readonly<
  Record<
    string,
    {
      readonly default: string | number | boolean;
      readonly help: string;
      /** The least a number may be. Default 0. */
      readonly least?: number;
    }
  >
>;

type Values<T extends OptionTable> = {
  [K in keyof T]: T[K]["default"] extends number
    ? number
    : T[K]["default"] extends boolean
      ? boolean
      : string;
};

/**
 * Reads a command's options; prints its help or the version and returns undefined for `--help` and `--version`.
 *
 * @throws XmtpTestError `INVALID_OPTION` for an unknown option or a number that is none
 */
export async function readOptions<T extends OptionTable>(
  command: string,
  args: string[],
  table: T,
): Promise<Values<T> | undefined> {
  const options = Object.fromEntries(
    Object.entries({ ...table, help: { default: false }, version: { default: false } }).map(
      ([name, { default: value }]) => [
        name,
        { type: typeof value === "boolean" ? ("boolean" as const) : ("string" as const) },
      ],
    ),
  );
  let values: Record<string, string | boolean | undefined>;
  try {
    values = parseArgs({ args, options, strict: true }).values;
  } catch (error) {
    throw new XmtpTestError("INVALID_OPTION", errorText(error), `See \`playwright-xmtp ${command} --help\`.`);
  }
  if (values["help"] === true) {
    const lines = Object.entries(table).map(
      ([name, { default: value, help }]) =>
        `  --${name.padEnd(14)} ${help} (default ${JSON.stringify(value)})`,
    );
    console.log(`Usage: playwright-xmtp ${command} [options]\n\n${lines.join("\n")}`);
    return undefined;
  }
  if (values["version"] === true) {
    console.log(await packageVersion());
    return undefined;
  }
  const read = Object.entries(table).map(([name, { default: value, least }]) => [
    name,
    typed(name, values[name], value, least),
  ]);
  return Object.fromEntries(read) as Values<T>;
}

function typed(
  name: string,
  given: string | boolean | undefined,
  fallback: string | number | boolean,
  least?: number,
): string | number | boolean {
  if (given === undefined || typeof fallback !== "number") return given ?? fallback;
  return readNumber(name, String(given), least);
}

/** A whole number from the command line. @throws XmtpTestError `INVALID_OPTION` */
export function readNumber(name: string, given: string, least = 0): number {
  const number = given.trim() === "" ? NaN : Number(given);
  if (Number.isSafeInteger(number) && number >= least) return number;
  throw new XmtpTestError(
    "INVALID_OPTION",
    `--${name} is "${given}".`,
    `Give a whole number, ${least} or more.`,
  );
}
