import { diffTemplates } from "../diff/diff.ts";
import type { ViewInstance } from "../lifecycle/view-instance.ts";
import type { Template } from "../template/template.ts";

/** What the client shows now; the next render is compared with it. */
export class ShownPage {
  readonly #instance: ViewInstance;
  #shown: Template | undefined;

  constructor(instance: ViewInstance) {
    this.#instance = instance;
  }

  /**
   * Renders if something changed, and waits for all that the answer must wait for.
   * `undefined` if there is nothing to send. `isPutOff`: the page is left for later, and only what
   * the view pushed besides is taken, which would pile up.
   */
  async nextDiff(isPutOff = false): Promise<object | undefined> {
    const { socket } = this.#instance;
    let tree: object | undefined;
    if (!isPutOff && (socket.takeChanged() || this.#shown === undefined)) {
      const next = this.#instance.render();
      tree = diffTemplates(this.#shown, next);
      this.#shown = next;
      await this.#instance.afterRender();
    }
    await socket.settle();
    const keys = socket.takeDiffKeys();
    return keys === undefined ? tree : { ...tree, ...keys };
  }
}
