// What needs a person: failed and missing files by cause.

import type { Backend } from '../backend/port'
import type { FileRow, Filter } from '../backend/protocol'
import { coalesce } from '../coalesce'
import { byCause, type Group } from '../grouping'
import { ATTENTION } from '../states'

const EVERY_MS = 500
const READ = 1000

function filter(states: Filter['states']): Filter {
  return { source_id: null, states, search: null, old_versions: true }
}

export class Attention {
  groups = $state.raw<Group[]>([])
  /** All of them, of which the first thousand are here. */
  total = $state(0)
  ready = $state(false)
  /** The place is shown. */
  #open = false

  readonly #backend: Backend
  readonly #again

  constructor(backend: Backend, failed: (error: unknown) => void) {
    this.#backend = backend
    this.#again = coalesce(EVERY_MS, () => this.#fetch().catch(failed))
  }

  open() {
    this.#open = true
    this.#again()
  }

  close() {
    this.#open = false
    this.ready = false
    this.groups = []
  }

  refetch() {
    if (this.#open) this.#again()
  }

  /** Ids of all files of a group, also of those that are not shown. */
  async ids(group: Group): Promise<number[]> {
    if (this.total <= READ) return group.rows.map((row) => row.id)
    const ids: number[] = []
    for (let offset = 0; ; offset += READ) {
      const { files } = await this.#page(offset, [group.state], false)
      for (const row of files) if (row.code === group.code) ids.push(row.id)
      if (files.length < READ) return ids
    }
  }

  async #page(offset: number, states: Filter['states'], count: boolean) {
    return this.#backend.ask('page', {
      query: { filter: filter(states), order: 'seen', descending: true, offset, limit: READ, count },
    })
  }

  async #fetch(): Promise<void> {
    const page = await this.#page(0, [...ATTENTION], true)
    if (!this.#open) return
    this.groups = byCause(page.files satisfies FileRow[])
    this.total = page.total ?? page.files.length
    this.ready = true
  }
}
