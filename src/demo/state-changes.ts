/**
 * What sip.js wants its transports to tell their states by.
 *
 * @module
 */

/** An event emitter of the kind a sip.js transport must have, which tells how many listen. */
export class StateChanges<State> {
  readonly #listeners: ((state: State) => void)[] = [];

  get size(): number {
    return this.#listeners.length;
  }

  addListener(listener: (state: State) => void): void {
    this.#listeners.push(listener);
  }

  removeListener(listener: (state: State) => void): void {
    const at = this.#listeners.indexOf(listener);
    if (at >= 0) this.#listeners.splice(at, 1);
  }

  emit(state: State): void {
    for (const listener of [...this.#listeners]) listener(state);
  }

  on(listener: (state: State) => void): void {
    this.addListener(listener);
  }

  off(listener: (state: State) => void): void {
    this.removeListener(listener);
  }

  once(listener: (state: State) => void): void {
    const single = (state: State): void => {
      this.removeListener(single);
      listener(state);
    };
    this.addListener(single);
  }

  removeAllListeners(): void {
    this.#listeners.length = 0;
  }
}
