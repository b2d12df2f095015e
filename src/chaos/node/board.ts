import { errorText } from "../../errors.js";
import type { FaultEvent } from "../../ledger/events.js";
import type { FaultLedger } from "../injector.js";
import type { ChaosNode } from "./chaos-node.js";
import { NodeFault, Tally } from "./node-fault.js";
import type { NodeFaultAbout } from "./node-fault.js";

type Title = Pick<NodeFaultAbout, "verb" | "detail" | "unit">;

/** The node's faults of one test: armed, counted, recorded, lifted. */
export class NodeFaultBoard {
  readonly #node: ChaosNode;
  readonly #ledger: FaultLedger;
  readonly #nextId: () => string;
  readonly #active = new Map<string, NodeFault>();

  constructor(node: ChaosNode, ledger: FaultLedger, nextId: () => string) {
    this.#node = node;
    this.#ledger = ledger;
    this.#nextId = nextId;
  }

  get active(): readonly NodeFault[] {
    return [...this.#active.values()];
  }

  /** Arms one fault of the node per party; they count as one. */
  async arm(
    title: Title,
    targets: readonly string[],
    arm: (node: ChaosNode, client: string) => Promise<number>,
  ): Promise<NodeFault> {
    const about = { ...title, id: this.#nextId(), targets };
    const tally = new Tally(about);
    const names = new Map<number, string>();
    const early = new Map<number, number>();
    const count = (name: string, taken: number): void => {
      if (tally.set(name, taken)) this.#record(about, "effective", tally.text);
    };
    const unhear = this.#node.onFaultTaken((id, taken) => {
      const name = names.get(id);
      if (name === undefined) early.set(id, taken);
      else count(name, taken);
    });
    const takeOff = async (): Promise<void> => {
      const taken = await Promise.all([...names.keys()].map((id) => this.#node.liftFault(id)));
      unhear();
      [...names.values()].forEach((name, at) => count(name, taken[at] ?? 0));
    };
    try {
      this.#record(about, "applied", about.detail);
      for (const name of targets) {
        const id = await arm(this.#node, name);
        names.set(id, name);
        count(name, early.get(id) ?? 0);
      }
    } catch (error) {
      this.#record(about, "not_effective", errorText(error));
      await takeOff();
      this.#record(about, "lifted", about.detail);
      throw error;
    }
    return this.#keep(about, tally, takeOff);
  }

  /** Does something to each party's streams, here and now. */
  async actNow(
    title: Title,
    targets: readonly string[],
    act: (node: ChaosNode, client: string) => Promise<readonly number[]>,
    undo?: (node: ChaosNode, ids: readonly number[]) => Promise<void>,
  ): Promise<NodeFault> {
    const about = { ...title, id: this.#nextId(), targets };
    const tally = new Tally(about);
    const hit: number[] = [];
    this.#record(about, "applied", about.detail);
    try {
      for (const name of targets) {
        const ids = await act(this.#node, name);
        hit.push(...ids);
        tally.set(name, ids.length);
      }
    } catch (error) {
      this.#record(about, "not_effective", errorText(error));
      await undo?.(this.#node, hit);
      this.#record(about, "lifted", about.detail);
      throw error;
    }
    const fault = this.#keep(about, tally, async () => undo?.(this.#node, hit));
    if (tally.complete) this.#record(about, "effective", tally.text);
    // Without anything to undo it is over; with nothing hit, lifting says so.
    if (!undo || !tally.complete) await fault.lift();
    return fault;
  }

  #keep(about: NodeFaultAbout, tally: Tally, takeOff: () => Promise<void>): NodeFault {
    const fault = new NodeFault(about, tally, async () => {
      await takeOff();
      this.#active.delete(about.id);
      if (!tally.complete) this.#record(about, "not_effective", tally.text);
      this.#record(about, "lifted", about.detail);
      if (!tally.complete) throw tally.notEffective();
    });
    this.#active.set(about.id, fault);
    return fault;
  }

  #record({ id, verb, targets }: NodeFaultAbout, state: FaultEvent["state"], detail: string): void {
    this.#ledger.append<FaultEvent>({
      kind: "fault",
      worker: "",
      installationId: "",
      inboxId: "",
      faultId: id,
      fault: verb,
      state,
      targets,
      detail,
    });
  }
}
