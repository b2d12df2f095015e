import { ApiError, missingField, proxyExists, proxyNotFound } from "../wire/api-error.js";
import { TypeErrors, parseBody, readBool, readObject, readString } from "../wire/decode.js";
import { Proxy } from "./proxy.js";
import type { JsonValue } from "../wire/json-value.js";
import type { PlaneOptions, ProxyFields } from "./proxy.js";

/** The proxies of a server by name, and the rules for making, replacing and resetting them. */
export class ProxyCollection {
  readonly #proxies = new Map<string, Proxy>();
  readonly #options: PlaneOptions;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: PlaneOptions) {
    this.#options = options;
  }

  /** Sorted by name, as Go writes maps. */
  get all(): Proxy[] {
    return [...this.#proxies.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** @throws ApiError 404 */
  get(name: string): Proxy {
    const proxy = this.#proxies.get(name);
    if (!proxy) throw proxyNotFound();
    return proxy;
  }

  create(body: string): Promise<Proxy> {
    const fields = readProxy(
      parseBody(body),
      { name: "", listen: "", upstream: "", enabled: true },
      "Proxy",
      "toxiproxy.Proxy",
    );
    if (fields.name === "") throw missingField("name");
    if (fields.upstream === "") throw missingField("upstream");
    return this.#inTurn(async () => {
      if (this.#proxies.has(fields.name)) throw proxyExists();
      const proxy = new Proxy(fields, this.#options);
      if (fields.enabled) await proxy.start();
      this.#proxies.set(proxy.name, proxy);
      return proxy;
    });
  }

  update(name: string, body: string): Promise<Proxy> {
    return this.#inTurn(async () => {
      const proxy = this.get(name);
      await proxy.update(readProxy(parseBody(body), proxy.fields, "Proxy", "toxiproxy.Proxy"));
      return proxy;
    });
  }

  remove(name: string): Promise<void> {
    return this.#inTurn(async () => {
      await this.get(name).stop();
      this.#proxies.delete(name);
    });
  }

  /** Starts every proxy and removes all toxics; the first that cannot start ends it. */
  reset(): Promise<void> {
    return this.#inTurn(async () => {
      for (const proxy of this.all) {
        await proxy.start();
        proxy.toxics.clear();
        proxy.apply();
      }
    });
  }

  /**
   * Creates proxies that are unknown, keeps those that are the same, replaces those that differ.
   *
   * @returns the proxies done, and what stopped it, if anything did
   */
  populate(body: string): Promise<{ done: Proxy[]; error?: ApiError }> {
    return this.#inTurn(async () => {
      const done: Proxy[] = [];
      try {
        for (const fields of readPopulation(body)) done.push(await this.#addOrReplace(fields));
      } catch (error) {
        if (error instanceof ApiError) return { done, error };
        throw error;
      }
      return { done };
    });
  }

  /** Stops everything. */
  async close(): Promise<void> {
    await Promise.all(this.all.map((proxy) => proxy.stop()));
    this.#proxies.clear();
  }

  async #addOrReplace(fields: ProxyFields): Promise<Proxy> {
    const existing = this.#proxies.get(fields.name);
    if (existing && !(await existing.differs(fields))) return existing;
    await existing?.stop();
    const proxy = new Proxy(fields, this.#options);
    if (fields.enabled) await proxy.start();
    this.#proxies.set(proxy.name, proxy);
    return proxy;
  }

  /** Changes of proxies run one after the other; they wait for ports, never for peers. */
  #inTurn<T>(change: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(change);
    this.#turn = result.catch(() => undefined);
    return result;
  }
}

function readProxy(json: JsonValue, defaults: ProxyFields, struct: string, type: string): ProxyFields {
  const errors = new TypeErrors();
  const fields = { ...defaults };
  const prefix = struct === "Proxy" ? "Proxy" : ".Proxy";
  readObject(
    json,
    {
      name: readString(errors, `${prefix}.name`, (value) => (fields.name = value)),
      listen: readString(errors, `${prefix}.listen`, (value) => (fields.listen = value)),
      upstream: readString(errors, `${prefix}.upstream`, (value) => (fields.upstream = value)),
      enabled: readBool(errors, `${struct}.enabled`, (value) => (fields.enabled = value)),
    },
    errors,
    "value",
    type,
  );
  errors.throwIfAny();
  return fields;
}

const entryType = String.raw`struct { toxiproxy.Proxy; Enabled *bool "json:\"enabled\"" }`;

function readPopulation(body: string): ProxyFields[] {
  const json = parseBody(body);
  if (json === null) return [];
  const errors = new TypeErrors();
  if (!Array.isArray(json)) {
    errors.add(json, "value", `[]${entryType}`);
    errors.throwIfAny();
    return [];
  }
  const list = json.map((entry) =>
    readProxy(entry, { name: "", listen: "", upstream: "", enabled: true }, "", entryType),
  );
  for (const [index, { name, upstream }] of list.entries()) {
    if (name === "") throw missingField(`name at proxy ${index + 1}`);
    if (upstream === "") throw missingField(`upstream at proxy ${index + 1}`);
  }
  return list;
}
