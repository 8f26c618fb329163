// The story of one file, as long as its panel is open.

import type { Backend } from '../backend/port'
import type { Event, Story } from '../backend/protocol'
import { coalesce } from '../coalesce'

const EVERY_MS = 300

export class Stories {
  id = $state<number | null>(null)
  story = $state.raw<Story | null>(null)
  /** The ledger no longer knows the file. */
  gone = $state(false)

  readonly #backend: Backend
  readonly #again

  constructor(backend: Backend, failed: (error: unknown) => void) {
    this.#backend = backend
    this.#again = coalesce(EVERY_MS, () => this.#fetch().catch(failed))
  }

  open(id: number) {
    if (this.id !== id) this.story = null
    this.id = id
    this.gone = false
    this.#again()
  }

  close() {
    this.id = null
    this.story = null
  }

  refetch() {
    if (this.id !== null) this.#again()
  }

  hear(event: Event) {
    if (event.event !== 'files' || this.id === null) return
    const mine = new Set([this.id, ...(this.story?.versions ?? []).map((version) => version.file.id)])
    // A new version of the same path has an id of its own, which nothing here knows: any change counts then.
    if (event.ids.some((id) => mine.has(id)) || event.ids.length >= 200) this.#again()
  }

  async #fetch(): Promise<void> {
    const id = this.id
    if (id === null) return
    const story = await this.#backend.ask('story', { id })
    if (this.id !== id) return
    this.story = story
    this.gone = story === null
  }
}
