// Errors that a handler throws outside its own promise, such as in a timer. Without care they would end the process: the broker would
// deliver again, and count, every message that it had in hand. So they fail the message whose handler has thrown them.

import { AsyncLocalStorage } from 'node:async_hooks'

export class StrayErrors {
  #callers = new AsyncLocalStorage()
  #running = null // { fail } of the handler that runs now
  #caught = (error) => this.#catch(error)

  /** Catches them until stop(). */
  start() {
    process.on('uncaughtException', this.#caught).on('unhandledRejection', this.#caught)
  }

  stop() {
    process.off('uncaughtException', this.#caught).off('unhandledRejection', this.#caught)
  }

  /** Calls a handler; rejects with what it throws, also outside its promise while it runs. One call at a time. */
  async guard(handler) {
    const caller = {}
    const stray = new Promise((_resolve, reject) => (caller.fail = reject))
    this.#running = caller
    try {
      return await Promise.race([this.#callers.run(caller, async () => handler()), stray])
    } finally {
      this.#running = null
    }
  }

  #catch(error) {
    const caller = this.#callers.getStore() ?? this.#running // thrown by something that no handler has started: by the present one
    if (caller !== null && caller === this.#running) caller.fail(error)
    else console.error('an error outside any handler that runs:', error)
  }
}
