// The last check of the connection, and the one under way: it goes on while the person looks at other places.

import { CommandError, type Backend } from '../backend/port'
import type { Checkup } from '../backend/protocol'

export interface Checked {
  checkup: Checkup
  /** A small file was sent. */
  probed: boolean
  at_ms: number
}

export class Checking {
  /** Also send a small file. */
  probe = $state(false)
  running = $state(false)
  last = $state.raw<Checked | null>(null)
  fault = $state.raw<CommandError | null>(null)

  readonly #backend: Backend

  constructor(backend: Backend) {
    this.#backend = backend
  }

  /** One at a time. */
  async run(): Promise<void> {
    if (this.running) return
    const probed = this.probe
    this.running = true
    this.fault = null
    try {
      const checkup = await this.#backend.ask('doctor', { probe: probed })
      this.last = { checkup, probed, at_ms: Date.now() }
    } catch (error) {
      this.last = null
      this.fault =
        error instanceof CommandError
          ? error
          : new CommandError({ code: 'shell', message: String(error), hint: null })
    } finally {
      this.running = false
    }
  }
}
