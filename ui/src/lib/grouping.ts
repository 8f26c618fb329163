// Files that need a person, by cause: one explanation for all that have it.

import type { FileRow, State } from './backend/protocol'

export interface Group {
  /** State and code together: a missing file and a failed one ask for different things. */
  key: string
  state: State
  code: string | null
  reason: string | null
  hint: string | null
  rows: FileRow[]
}

/** Largest group first; failed before missing. */
export function byCause(rows: readonly FileRow[]): Group[] {
  const groups = new Map<string, Group>()
  for (const row of rows) {
    const key = `${row.state}/${row.code ?? ''}`
    const group = groups.get(key)
    if (group === undefined) {
      groups.set(key, {
        key,
        state: row.state,
        code: row.code,
        reason: row.reason,
        hint: row.hint,
        rows: [row],
      })
    } else {
      group.rows.push(row)
    }
  }
  return [...groups.values()].sort(
    (a, b) =>
      Number(a.state === 'missing') - Number(b.state === 'missing') ||
      b.rows.length - a.rows.length ||
      a.key.localeCompare(b.key),
  )
}
