// The simulated ledger: every file once, sums kept, orders cached. Rows are built only for the page that is asked for.

import { fileId, hex } from './chance'
import type { Cause } from './causes'
import type { Filter, FileRow, Order, Page, PageQuery, State, Tally, Totals } from '../protocol'

export const STATES: readonly State[] = [
  'settling',
  'queued',
  'uploading',
  'uploaded',
  'confirmed',
  'waiting',
  'failed',
  'skipped',
  'missing',
]
const PENDING: readonly State[] = ['settling', 'queued', 'uploading', 'uploaded', 'waiting']

export interface Entry {
  readonly id: number
  readonly source: number
  readonly path: string
  readonly size: number
  readonly modified: number
  state: State
  cause: Cause | null
  attempts: number
  changed: number
  retryAt: number | null
  sent: number | null
  current: boolean
  /** Entry of the version this one replaces. */
  replaces: number | null
}

export const isPending = (state: State): boolean => PENDING.includes(state)

export function noTotals(): Totals {
  return Object.fromEntries(STATES.map((state) => [state, { files: 0, bytes: 0 }])) as unknown as Totals
}

export const pendingOf = (totals: Totals): Tally =>
  PENDING.reduce(
    (sum, state) => ({ files: sum.files + totals[state].files, bytes: sum.bytes + totals[state].bytes }),
    {
      files: 0,
      bytes: 0,
    },
  )

const compare = <Value>(a: Value, b: Value): number => (a < b ? -1 : a > b ? 1 : 0)
/** Cached answers to "which entries, in which order"; the oldest goes. */
const KEPT = 8

export class Ledger {
  readonly entries: Entry[] = []
  /** Last number of the outbox. */
  seq = 1000
  private readonly sums = new Map<number, Totals>()
  private readonly removed = new Set<number>()
  private readonly lower: string[] = []
  private readonly byState = new Map<State, Set<number>>(STATES.map((state) => [state, new Set<number>()]))
  private readonly kept = new Map<string, Int32Array>()
  private orders: Partial<Record<Order, Int32Array>> = {}
  /** Entries that changed after `orders.changed` was sorted: they come last in it. */
  private readonly late = new Set<number>()
  private changes: number[] = []
  private told: number

  constructor() {
    this.told = this.seq
  }

  add(entry: Omit<Entry, 'id'>): Entry {
    const whole: Entry = { id: this.entries.length + 1, ...entry }
    this.entries.push(whole)
    this.lower.push(whole.path.toLowerCase())
    this.count(whole, 1)
    this.orders = {}
    this.late.clear()
    this.noteChange(whole.id)
    return whole
  }

  get(id: number): Entry | undefined {
    return this.entries[id - 1]
  }

  /** A file comes to another state; what it had to say before goes. */
  move(entry: Entry, state: State, at: number, cause: Cause | null = null): void {
    this.count(entry, -1)
    entry.state = state
    entry.cause = cause
    entry.retryAt = null
    entry.sent = state === 'uploading' ? 0 : null
    entry.changed = at
    this.count(entry, 1)
    this.late.delete(entry.id)
    this.late.add(entry.id)
    this.noteChange(entry.id)
  }

  removeSource(source: number): void {
    this.removed.add(source)
    this.kept.clear()
  }

  totalsOf(source: number): Totals {
    return structuredClone(this.sums.get(source) ?? noTotals())
  }

  totals(): Totals {
    const sum = noTotals()
    for (const [source, totals] of this.sums) {
      if (this.removed.has(source)) continue
      for (const state of STATES) {
        sum[state].files += totals[state].files
        sum[state].bytes += totals[state].bytes
      }
    }
    return sum
  }

  inState(state: State): Entry[] {
    return [...this.byState.get(state)!]
      .map((id) => this.entries[id - 1]!)
      .filter((entry) => !this.removed.has(entry.source))
  }

  /** What was not told yet, in portions as the engine's. */
  takeChanges(): { after: number; seq: number; ids: number[] }[] {
    const portions: { after: number; seq: number; ids: number[] }[] = []
    for (let from = 0; from < this.changes.length; from += 200) {
      const portion = this.changes.slice(from, from + 200)
      portions.push({ after: this.told, seq: this.told + portion.length, ids: [...new Set(portion)] })
      this.told += portion.length
    }
    this.changes = []
    return portions
  }

  page(query: PageQuery): Page {
    const found = this.find(query.filter, query.order)
    const limit = query.limit === 0 ? 200 : Math.min(query.limit, 1000)
    const files: FileRow[] = []
    for (let at = query.offset; at < Math.min(query.offset + limit, found.length); at++) {
      files.push(this.row(this.entries[found[query.descending ? found.length - 1 - at : at]!]!))
    }
    return { files, total: query.count ? found.length : null, seq: this.seq }
  }

  rows(ids: number[]): FileRow[] {
    return ids.flatMap((id) => {
      const entry = this.get(id)
      return entry === undefined || this.removed.has(entry.source) ? [] : [this.row(entry)]
    })
  }

  row(entry: Entry): FileRow {
    const sent = entry.state === 'uploaded' || entry.state === 'confirmed'
    const read = sent || entry.state === 'uploading' || entry.state === 'waiting'
    return {
      id: entry.id,
      file_id: fileId(entry.id),
      source_id: entry.source,
      path: entry.path,
      size: entry.size,
      modified_ms: entry.modified,
      state: entry.state,
      code: entry.cause?.code ?? null,
      reason: entry.cause?.reason ?? null,
      hint: entry.cause?.hint ?? null,
      sha256: read ? hex(entry.id, 64) : null,
      key: sent ? `studio/${hex(entry.id, 8)}/${entry.path.split('/').at(-1)}` : null,
      etag: sent ? hex(entry.id + 7, 32) : null,
      attempts: entry.attempts,
      retry_at_ms: entry.retryAt,
      uploaded_at_ms: sent ? entry.changed - 900 : null,
      confirmed_at_ms: entry.state === 'confirmed' ? entry.changed : null,
      changed_at_ms: entry.changed,
      current: entry.current,
      supersedes: entry.replaces === null ? null : fileId(entry.replaces),
      sent: entry.sent,
    }
  }

  /** Sorts all orders once, as an index would be there from the beginning. */
  prepare(): void {
    for (const order of ['path', 'size', 'changed'] as const) this.ordered(order)
  }

  private noteChange(id: number): void {
    this.seq += 1
    this.changes.push(id)
    this.kept.clear()
  }

  private count(entry: Entry, by: 1 | -1): void {
    let totals = this.sums.get(entry.source)
    if (totals === undefined) this.sums.set(entry.source, (totals = noTotals()))
    if (this.shown(entry)) {
      totals[entry.state].files += by
      totals[entry.state].bytes += by * entry.size
    }
    const ids = this.byState.get(entry.state)!
    if (by === 1) ids.add(entry.id)
    else ids.delete(entry.id)
  }

  private shown(entry: Entry): boolean {
    return entry.current || entry.state !== 'confirmed'
  }

  private find(filter: Filter, order: Order): Int32Array {
    const key = JSON.stringify([filter, order])
    const known = this.kept.get(key)
    if (known !== undefined) return known
    const search = filter.search?.toLowerCase() || null
    const states = new Set(filter.states)
    const among = this.ordered(order)
    const found = new Int32Array(among.length)
    let count = 0
    for (const at of among) {
      const entry = this.entries[at]!
      if (filter.source_id !== null && entry.source !== filter.source_id) continue
      if (states.size > 0 && !states.has(entry.state)) continue
      if (this.removed.has(entry.source) || (!filter.old_versions && !this.shown(entry))) continue
      if (search !== null && !this.lower[at]!.includes(search)) continue
      found[count++] = at
    }
    const answer = found.slice(0, count)
    if (this.kept.size >= KEPT) this.kept.delete(this.kept.keys().next().value!)
    this.kept.set(key, answer)
    return answer
  }

  /** Places in `entries`, ascending. */
  private ordered(order: Order): Int32Array {
    let places = this.orders[order]
    if (places === undefined) {
      places = Int32Array.from(this.entries.keys())
      const { entries, lower } = this
      if (order === 'path') places.sort((a, b) => compare(lower[a]!, lower[b]!) || a - b)
      if (order === 'size') places.sort((a, b) => entries[a]!.size - entries[b]!.size || a - b)
      if (order === 'changed') {
        places.sort((a, b) => entries[a]!.changed - entries[b]!.changed || a - b)
        this.late.clear()
      }
      this.orders[order] = places
    }
    if (order === 'changed' && this.late.size > 0) {
      const late = this.late
      places = Int32Array.from([
        ...places.filter((at) => !late.has(at + 1)),
        ...[...late].map((id) => id - 1),
      ])
      this.orders.changed = places
      this.late.clear()
    }
    return places
  }
}
