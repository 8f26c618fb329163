// How the engine stands: the status, and what its events say in between.

import type { Backend } from '../backend/port'
import type { Event, Progress, Round, SourceView, Status, Totals } from '../backend/protocol'
import { coalesce } from '../coalesce'

const STATUS_EVERY_MS = 700

export class Engine {
  status = $state.raw<Status | null>(null)
  totals = $state.raw<Totals | null>(null)
  /** Of the files on their way now: a few dozen at most. */
  progress = $state.raw<ReadonlyMap<number, Progress>>(new Map())
  speed = $state(0)
  round = $state.raw<Round | null>(null)
  /** When the engine tries again by itself, by this machine's clock. */
  retryAt = $state<number | null>(null)

  /** A source that was there is no more: removed here, or in another program. */
  ongone: () => void = () => {}

  readonly #backend: Backend
  readonly refresh

  constructor(backend: Backend, failed: (error: unknown) => void) {
    this.#backend = backend
    this.refresh = coalesce(STATUS_EVERY_MS, () => this.fetch().catch(failed))
  }

  async fetch(): Promise<void> {
    const status = await this.#backend.ask('status')
    const before = this.status?.sources ?? []
    this.status = status
    this.totals = status.totals
    this.speed = status.speed
    this.round = status.round
    this.retryAt = status.retry_in_s === null ? null : Date.now() + status.retry_in_s * 1000
    if (status.health !== 'working') this.progress = new Map()
    if (before.some(({ id }) => this.source(id) === null)) this.ongone()
  }

  source(id: number | null): SourceView | null {
    return this.status?.sources.find((source) => source.id === id) ?? null
  }

  hear(event: Event) {
    switch (event.event) {
      case 'files':
        this.totals = event.totals
        // The sources' own counts, and the word for the whole.
        this.refresh()
        break
      case 'progress':
        this.progress = new Map(event.files.map((file) => [file.id, file]))
        this.speed = event.speed
        this.round = event.round
        break
      case 'standing':
        this.refresh()
        break
      case 'notice':
        this.refresh()
        break
    }
  }
}
