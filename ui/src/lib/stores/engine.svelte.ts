// How the engine stands: the status, and what its events say in between.

import type { Backend } from '../backend/port'
import type { Event, Progress, Round, SourceView, Status, Totals } from '../backend/protocol'
import { coalesce } from '../coalesce'
import { confirms } from '../states'

const STATUS_EVERY_MS = 700
/** Each picture costs what uploads could use. */
const PROGRESS_EVERY_MS = 200

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
  #told: Extract<Event, { event: 'progress' }> | null = null
  readonly #show = coalesce(PROGRESS_EVERY_MS, () => this.#showProgress())

  constructor(backend: Backend, failed: (error: unknown) => void) {
    this.#backend = backend
    this.refresh = coalesce(STATUS_EVERY_MS, () => this.fetch().catch(failed))
  }

  /** The first status, from before the engine was heard. */
  early(status: Status) {
    if (this.status === null) this.#take(status)
  }

  async fetch(): Promise<void> {
    this.#take(await this.#backend.ask('status'))
  }

  #take(status: Status) {
    const before = this.status?.sources ?? []
    this.status = status
    this.totals = status.totals
    this.speed = status.speed
    this.round = status.round
    this.retryAt = status.retry_in_s === null ? null : Date.now() + status.retry_in_s * 1000
    if (status.health !== 'working') {
      this.#told = null
      this.progress = new Map()
    }
    if (before.some(({ id }) => this.source(id) === null)) this.ongone()
  }

  /** Files are confirmed by the backend; else only the storage says that it has them. */
  get confirms(): boolean {
    return confirms(this.status?.caveats ?? [])
  }

  source(id: number | null): SourceView | null {
    return this.status?.sources.find((source) => source.id === id) ?? null
  }

  #showProgress() {
    const told = this.#told
    this.#told = null
    if (told === null) return
    this.progress = new Map(told.files.map((file) => [file.id, file]))
    this.speed = told.speed
    this.round = told.round
  }

  hear(event: Event) {
    switch (event.event) {
      case 'files':
        this.totals = event.totals
        // The sources' own counts, and the word for the whole.
        this.refresh()
        break
      case 'progress':
        this.#told = event
        this.#show()
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
