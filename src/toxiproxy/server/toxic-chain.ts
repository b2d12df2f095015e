import { Toxic, settingsOf } from "../toxics/toxic.js";
import { kindOfToxic } from "../toxics/kinds.js";
import { JsonObject } from "../wire/json-value.js";
import { Float32 } from "../wire/encode.js";
import { TypeErrors, parseBody, readFloat32, readInt64, readObject, readString } from "../wire/decode.js";
import { invalidStream, invalidType, toxicExists, toxicNotFound } from "../wire/api-error.js";
import type { ToxicKind } from "../toxics/kinds.js";
import type { Direction } from "../toxics/toxic.js";
import type { Encodable } from "../wire/encode.js";
import type { JsonValue } from "../wire/json-value.js";

/** The toxics of one proxy: upstream and downstream in order of creation, names unique across both. */
export class ToxicChain {
  #toxics: Toxic[] = [];
  #serial = 0;

  /** In chain order. */
  chain(direction: Direction): readonly Toxic[] {
    return this.#toxics.filter((toxic) => toxic.direction === direction);
  }

  /** @throws ApiError 404 */
  get(name: string): Toxic {
    const toxic = this.#toxics.find((candidate) => candidate.name === name);
    if (!toxic) throw toxicNotFound();
    return toxic;
  }

  get count(): number {
    return this.#toxics.length;
  }

  /** Creates a toxic from a request body; checks run in the reference's order. */
  add(body: string): Toxic {
    const json = parseBody(body);
    const sent = readToxic(json);
    const direction = parseDirection(sent.stream);
    if (!direction) throw invalidStream();
    const name = sent.name === "" ? `${sent.type}_${sent.stream}` : sent.name;
    const kind = kindOfToxic(sent.type);
    if (!kind) throw invalidType();
    if (this.#toxics.some((toxic) => toxic.name === name)) throw toxicExists();
    const attributes = new Map(kind.attributes.map((attribute) => [attribute, 0n]));
    readAttributes(json, kind, attributes, new TypeErrors(), () => undefined);
    kind.check(settingsOf(attributes));
    const { type, stream, toxicity } = sent;
    const toxic = new Toxic({
      name,
      type,
      stream,
      direction,
      kind,
      toxicity,
      attributes,
      serial: this.#serial++,
    });
    this.#toxics.push(toxic);
    return toxic;
  }

  /** Changes attributes (key by key) and toxicity; a body with any bad value changes nothing. */
  update(name: string, body: string): Toxic {
    const toxic = this.get(name);
    const attributes = new Map(toxic.attributes);
    let { toxicity } = toxic;
    const json = parseBody(body);
    const errors = new TypeErrors();
    readAttributes(json, toxic.kind, attributes, errors, (value) => (toxicity = value));
    toxic.kind.check(settingsOf(attributes));
    toxic.attributes = attributes;
    toxic.toxicity = toxicity;
    return toxic;
  }

  /** @throws ApiError 404 */
  remove(name: string): Toxic {
    const toxic = this.get(name);
    this.#toxics = this.#toxics.filter((other) => other !== toxic);
    return toxic;
  }

  clear(): void {
    this.#toxics = [];
  }

  /** Upstream toxics first. */
  toJson(): Encodable[] {
    return [...this.chain("upstream"), ...this.chain("downstream")].map(toxicJson);
  }
}

export function toxicJson(toxic: Toxic): Encodable {
  return {
    attributes: Object.fromEntries(toxic.attributes),
    name: toxic.name,
    type: toxic.type,
    stream: toxic.stream,
    toxicity: new Float32(toxic.toxicity),
  };
}

function parseDirection(stream: string): Direction | undefined {
  const lower = stream.toLowerCase();
  return lower === "upstream" || lower === "downstream" ? lower : undefined;
}

interface SentToxic {
  name: string;
  type: string;
  stream: string;
  toxicity: number;
}

function readToxic(json: JsonValue): SentToxic {
  const sent: SentToxic = { name: "", type: "", stream: "downstream", toxicity: 1 };
  const errors = new TypeErrors();
  const fields = {
    name: readString(errors, "ToxicWrapper.name", (value) => (sent.name = value)),
    type: readString(errors, "ToxicWrapper.type", (value) => (sent.type = value)),
    stream: readString(errors, "ToxicWrapper.stream", (value) => (sent.stream = value)),
    toxicity: readFloat32(errors, "ToxicWrapper.toxicity", (value) => (sent.toxicity = value)),
    attributes: (value: JsonValue) => {
      if (!(value instanceof JsonObject)) {
        errors.add(value, "struct field ToxicWrapper.attributes", "toxics.NoopToxic");
      }
    },
  };
  readObject(json, fields, errors, "value", "toxics.ToxicWrapper");
  errors.throwIfAny();
  return sent;
}

const updateType = String.raw`struct { Attributes interface {} "json:\"attributes\""; Toxicity float32 "json:\"toxicity\"" }`;

function readAttributes(
  json: JsonValue,
  kind: ToxicKind,
  attributes: Map<string, bigint>,
  errors: TypeErrors,
  setToxicity: (value: number) => void,
): void {
  const fields = Object.fromEntries(
    kind.attributes.map((name) => [
      name,
      readInt64(
        errors,
        `${kind.goType}.attributes.${name}`,
        (value) => attributes.set(name, value),
        kind.integer,
      ),
    ]),
  );
  readObject(
    json,
    {
      attributes: (value) =>
        readObject(value, fields, errors, "struct field .attributes", `toxics.${kind.goType}`),
      toxicity: readFloat32(errors, ".toxicity", setToxicity),
    },
    errors,
    "value",
    updateType,
  );
  errors.throwIfAny();
}
