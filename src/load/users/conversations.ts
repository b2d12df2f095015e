import type { PlannedConversation, Population } from "../population/population.js";

/** Which of a user's planned conversations it knows by now. */
export class KnownConversations {
  readonly #ids = new Map<number, string>();
  readonly #planned: readonly PlannedConversation[];

  constructor(population: Population, user: number) {
    this.#planned = population.of(user);
  }

  /** Known conversations, in the population's order. */
  get known(): readonly (PlannedConversation & { readonly id: string })[] {
    return this.#planned.flatMap((one) => {
      const id = this.#ids.get(one.number);
      return id === undefined ? [] : [{ ...one, id }];
    });
  }

  get missing(): readonly PlannedConversation[] {
    return this.#planned.filter(({ number }) => !this.#ids.has(number));
  }

  idOf(conversation: number): string | undefined {
    return this.#ids.get(conversation);
  }

  learn(conversation: number, id: string): void {
    if (!this.#ids.has(conversation) && this.#planned.some(({ number }) => number === conversation))
      this.#ids.set(conversation, id);
  }
}
