import type { Settings, ToxicKind } from "./kinds.js";

export type Direction = "upstream" | "downstream";

/** A toxic of a proxy, as the control API knows it. */
export class Toxic {
  readonly name: string;
  readonly type: string;
  /** The stream's text as sent: `UPSTREAM` is answered as `UPSTREAM`. */
  readonly stream: string;
  readonly direction: Direction;
  readonly kind: ToxicKind;
  /** Tells this toxic's random draws from those of an earlier toxic of the same name. */
  readonly serial: number;
  toxicity: number;
  attributes: ReadonlyMap<string, bigint>;

  constructor(fields: Omit<Toxic, "settings">) {
    this.name = fields.name;
    this.type = fields.type;
    this.stream = fields.stream;
    this.direction = fields.direction;
    this.kind = fields.kind;
    this.serial = fields.serial;
    this.toxicity = fields.toxicity;
    this.attributes = fields.attributes;
  }

  get settings(): Settings {
    return settingsOf(this.attributes);
  }
}

export function settingsOf(attributes: ReadonlyMap<string, bigint>): Settings {
  return Object.fromEntries([...attributes].map(([name, value]) => [name, Number(value)]));
}
