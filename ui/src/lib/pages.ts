// A bounded number of pages of rows: what the list shows is read from here, whatever the ledger's size.

import { FIRST_PAGE, type FileRow } from './backend/protocol'

export const PAGE = FIRST_PAGE.limit
export const KEPT = 10

/** What the list shows before anybody asked for something else. */
export class Pages {
  // In order of last use.
  readonly #pages = new Map<number, FileRow[]>()

  constructor(
    readonly size: number = PAGE,
    readonly most: number = KEPT,
  ) {}

  get count(): number {
    return this.#pages.size
  }

  at(index: number): FileRow | undefined {
    const number = Math.floor(index / this.size)
    const page = this.#pages.get(number)
    if (page === undefined) return undefined
    this.#pages.delete(number)
    this.#pages.set(number, page)
    return page[index - number * this.size]
  }

  has(number: number): boolean {
    return this.#pages.has(number)
  }

  put(number: number, rows: FileRow[]) {
    this.#pages.delete(number)
    this.#pages.set(number, rows)
    for (const oldest of this.#pages.keys()) {
      if (this.#pages.size <= this.most) break
      this.#pages.delete(oldest)
    }
  }

  /** Changed rows in the place of those they were; ids that no page holds are passed over. */
  patch(rows: Iterable<FileRow>): boolean {
    const changed = new Map<number, FileRow>()
    for (const row of rows) changed.set(row.id, row)
    let found = false
    for (const [number, page] of this.#pages) {
      if (!page.some((row) => changed.has(row.id))) continue
      found = true
      this.#pages.set(
        number,
        page.map((row) => changed.get(row.id) ?? row),
      )
    }
    return found
  }

  /** Those of the ids that a page holds. */
  held(ids: readonly number[]): number[] {
    const asked = new Set(ids)
    const found: number[] = []
    for (const page of this.#pages.values()) {
      for (const row of page) if (asked.has(row.id)) found.push(row.id)
    }
    return found
  }

  /** Where a row stands, among the pages that are here. */
  indexOf(id: number): number | null {
    for (const [number, page] of this.#pages) {
      const at = page.findIndex((row) => row.id === id)
      if (at >= 0) return number * this.size + at
    }
    return null
  }

  /** Forgets all but these pages. */
  keep(numbers: ReadonlySet<number>) {
    for (const number of [...this.#pages.keys()]) if (!numbers.has(number)) this.#pages.delete(number)
  }

  clear() {
    this.#pages.clear()
  }
}

/** The pages that hold the rows from `first` to `last`. */
export function pagesOf(first: number, last: number, total: number, size: number = PAGE): number[] {
  if (total <= 0) return [0]
  const from = Math.floor(Math.max(0, Math.min(first, total - 1)) / size)
  const to = Math.floor(Math.max(0, Math.min(last, total - 1)) / size)
  return Array.from({ length: to - from + 1 }, (_, step) => from + step)
}
