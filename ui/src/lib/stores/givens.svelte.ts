// What was dropped or chosen and waits for a decision, one after another.

import type { Backend } from '../backend/port'
import type { ChangedPolicy, Given, Measured, SourceView } from '../backend/protocol'

/** What the person decided last; it is offered again. */
export interface Choice {
  watch: boolean
  prefix: string
  include: readonly string[]
  exclude: readonly string[]
  changed: ChangedPolicy
}

export class Givens {
  waiting = $state.raw<readonly Given[]>([])
  /** Files and folders held over the window. */
  hover = $state<number | null>(null)
  measured = $state.raw<Measured | null>(null)
  last = $state.raw<Choice>({ watch: false, prefix: '', include: [], exclude: [], changed: 'new-version' })

  readonly #backend: Backend

  constructor(backend: Backend) {
    this.#backend = backend
  }

  get current(): Given | null {
    return this.waiting[0] ?? null
  }

  add(given: Given) {
    this.hover = null
    if (this.waiting.some((one) => one.id === given.id)) return
    this.waiting = [...this.waiting, given]
    if (this.waiting.length === 1) void this.#measure()
  }

  async choose(folders: boolean): Promise<void> {
    const given = await this.#backend.ask('choose', { folders })
    if (given !== null) this.add(given)
  }

  async take(choice: Choice): Promise<SourceView> {
    const given = this.current
    if (given === null) throw new Error('nothing was given')
    const source = await this.#backend.ask('take', {
      taking: {
        given: given.id,
        watch: choice.watch,
        prefix: choice.prefix,
        include: [...choice.include],
        exclude: [...choice.exclude],
        changed: choice.changed,
      },
    })
    this.last = choice
    this.#next(given)
    return source
  }

  async leave(): Promise<void> {
    const given = this.current
    if (given === null) return
    this.#next(given)
    await this.#backend.ask('leave', { given: given.id })
  }

  #next(given: Given) {
    this.waiting = this.waiting.filter((one) => one.id !== given.id)
    this.measured = null
    if (this.waiting.length > 0) void this.#measure()
  }

  async #measure(): Promise<void> {
    const given = this.current
    if (given === null) return
    this.measured = null
    try {
      const measured = await this.#backend.ask('measure', { given: given.id })
      if (this.current?.id === given.id) this.measured = measured
    } catch (error) {
      // The count is only a help; taking it says what is wrong.
      console.error('measure:', error)
    }
  }
}
