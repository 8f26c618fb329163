// The list of files: what is asked for, the pages that are here, and how they follow what happens.

import type { Backend } from '../backend/port'
import type { Event, FileRow, Order, Page, PageQuery, State } from '../backend/protocol'
import { coalesce } from '../coalesce'
import { PAGE, Pages, pagesOf } from '../pages'
import { all } from '../states'

const REFETCH_EVERY_MS = 400
const ROWS_EVERY_MS = 250
/** So many changed rows at once are cheaper to fetch as pages. */
const MANY = 400

export interface Asked {
  source_id: number | null
  states: readonly State[]
  search: string
  order: Order
  descending: boolean
}

const FIRST: Asked = { source_id: null, states: [], search: '', order: 'seen', descending: true }

export class List {
  asked = $state.raw<Asked>(FIRST)
  total = $state(0)
  /** Rises whenever a row that is here may have changed. */
  version = $state(0)
  /** The first answer to the present question is here. */
  ready = $state(false)
  /** The question was changed, and its answer is still on its way: what is shown answers the one before. */
  stale = $state(false)
  /** Rises when the list shows something else altogether: scroll to its top. */
  fresh = $state(0)

  /** Rows moved by so many places while others came in before them. */
  onshift: (rows: number) => void = () => {}

  readonly pages = new Pages()
  readonly #backend: Backend
  readonly #failed: (error: unknown) => void
  readonly #inFlight = new Set<number>()
  #generation = 0
  #view = { first: 0, last: 40, anchor: 0, scrolled: false }
  #seq = -1
  #files = -1
  #changed = new Set<number>()
  readonly #refetch
  readonly #patch

  constructor(backend: Backend, failed: (error: unknown) => void) {
    this.#backend = backend
    this.#failed = failed
    this.#refetch = coalesce(REFETCH_EVERY_MS, () => this.#fetchVisible().catch(failed))
    this.#patch = coalesce(ROWS_EVERY_MS, () => this.#fetchRows().catch(failed))
  }

  /** The first page, from before the engine was heard. */
  early(page: Page) {
    if (this.#generation === 0 && !this.ready) this.#show([0], [page])
  }

  at(index: number): FileRow | undefined {
    return this.pages.at(index)
  }

  ask(part: Partial<Asked>) {
    this.asked = { ...this.asked, ...part }
    this.#generation += 1
    this.#inFlight.clear()
    this.#view = { first: 0, last: 40, anchor: 0, scrolled: false }
    this.stale = true
    void this.#fetchVisible().catch(this.#failed)
  }

  /** The rows that are on the screen: their pages are fetched where they are not here. */
  look(first: number, last: number, anchor: number, scrolled: boolean) {
    this.#view = { first, last, anchor, scrolled }
    if (!this.ready || this.stale) return
    for (const number of pagesOf(first, last, this.total)) {
      if (!this.pages.has(number) && !this.#inFlight.has(number)) {
        void this.#fetch(number, false).catch(this.#failed)
      }
    }
  }

  refetch() {
    this.#refetch()
  }

  hear(event: Event) {
    if (event.event !== 'files' || !this.ready) return
    const gap = event.after > this.#seq
    const files = all(event.totals).files
    const moved = this.asked.states.length > 0 || this.asked.order === 'changed' || files !== this.#files
    this.#seq = Math.max(this.#seq, event.seq)
    this.#files = files
    if (gap || moved) {
      this.#refetch()
      return
    }
    for (const id of this.pages.held(event.ids)) this.#changed.add(id)
    if (this.#changed.size > MANY) {
      this.#changed.clear()
      this.#refetch()
    } else if (this.#changed.size > 0) {
      this.#patch()
    }
  }

  /** Every id between two places, at most those that `reach` allows; asks for what is not here. */
  async ids(from: number, to: number): Promise<number[]> {
    const generation = this.#generation
    const ids: number[] = []
    for (const number of pagesOf(from, to, this.total)) {
      if (!this.pages.has(number)) await this.#fetch(number, false)
      if (generation !== this.#generation) return []
      for (
        let index = Math.max(from, number * PAGE);
        index <= Math.min(to, number * PAGE + PAGE - 1);
        index += 1
      ) {
        const row = this.pages.at(index)
        if (row !== undefined) ids.push(row.id)
      }
    }
    return ids
  }

  #query(number: number, count: boolean): PageQuery {
    const { source_id, states, search, order, descending } = this.asked
    return {
      filter: {
        source_id,
        states: [...states],
        search: search === '' ? null : search,
        old_versions: false,
      },
      order,
      descending,
      offset: number * PAGE,
      limit: PAGE,
      count,
    }
  }

  async #fetch(number: number, count: boolean): Promise<void> {
    const generation = this.#generation
    this.#inFlight.add(number)
    try {
      const page = await this.#backend.ask('page', { query: this.#query(number, count) })
      if (generation !== this.#generation) return
      this.pages.put(number, page.files)
      this.version += 1
      // Read before changes that were told already: those would be missed.
      if (page.seq < this.#seq) this.#refetch()
    } finally {
      if (generation === this.#generation) this.#inFlight.delete(number)
    }
  }

  /** All that is on the screen anew; what lies elsewhere is forgotten and read again when it is scrolled to. */
  async #fetchVisible(): Promise<void> {
    const generation = this.#generation
    const numbers = this.stale || !this.ready ? [0] : pagesOf(this.#view.first, this.#view.last, this.total)
    const answers = await Promise.all(
      numbers.map((number, place) => this.#backend.ask('page', { query: this.#query(number, place === 0) })),
    )
    if (generation === this.#generation) this.#show(numbers, answers)
  }

  #show(numbers: number[], answers: Page[]) {
    const anchor = this.#anchor()
    const other = this.stale
    if (other) this.pages.clear()
    else this.pages.keep(new Set(numbers))
    answers.forEach((page, place) => this.pages.put(numbers[place] as number, page.files))
    const told = Math.min(...answers.map((page) => page.seq))
    this.total = answers[0]?.total ?? this.total
    this.version += 1
    this.ready = true
    this.stale = false
    if (other) this.fresh += 1
    else this.#follow(anchor)
    if (told < this.#seq) this.#refetch()
    else if (this.#seq < 0) this.#seq = told
    this.look(this.#view.first, this.#view.last, this.#view.anchor, this.#view.scrolled)
  }

  /** The first row on the screen, to find it again; only where the order isn't the time of change. */
  #anchor(): { id: number; index: number } | null {
    if (!this.#view.scrolled || this.asked.order === 'changed') return null
    const row = this.pages.at(this.#view.anchor)
    return row === undefined ? null : { id: row.id, index: this.#view.anchor }
  }

  #follow(anchor: { id: number; index: number } | null) {
    if (anchor === null) return
    const index = this.pages.indexOf(anchor.id)
    if (index !== null && index !== anchor.index) this.onshift(index - anchor.index)
  }

  async #fetchRows(): Promise<void> {
    const ids = [...this.#changed]
    this.#changed = new Set()
    if (ids.length === 0) return
    const generation = this.#generation
    const rows = await this.#backend.ask('rows', { ids })
    if (generation !== this.#generation) return
    // A row that is gone, or that a later version replaced, has no place here any more.
    if (rows.length < ids.length || rows.some((row) => !row.current)) this.#refetch()
    if (this.pages.patch(rows)) this.version += 1
  }
}
