// Which rows are selected: the row ids, and where a range began.

export interface Selection {
  readonly ids: ReadonlySet<number>
  /** Index a range is drawn from. */
  readonly anchor: number
}

/** More are not selected at once: what is selected is kept in memory. */
export const MOST = 5000

export const NONE: Selection = { ids: new Set(), anchor: 0 }

/** Only this row. */
export function only(id: number, index: number): Selection {
  return { ids: new Set([id]), anchor: index }
}

/** This row in or out, the others as they are. */
export function toggle(selection: Selection, id: number, index: number): Selection {
  const ids = new Set(selection.ids)
  if (!ids.delete(id) && ids.size < MOST) ids.add(id)
  return { ids, anchor: index }
}

/** First and last index between the anchor and this row, at most `MOST` of them, counted from the anchor. */
export function reach(anchor: number, index: number): { from: number; to: number } {
  if (index >= anchor) return { from: anchor, to: Math.min(index, anchor + MOST - 1) }
  return { from: Math.max(index, anchor - MOST + 1), to: anchor }
}

/** The rows of a range; the anchor stays. */
export function range(selection: Selection, ids: Iterable<number>): Selection {
  return { ids: new Set(ids), anchor: selection.anchor }
}

/** Without rows that no longer are what they were. */
export function without(selection: Selection, gone: ReadonlySet<number>): Selection {
  const ids = new Set([...selection.ids].filter((id) => !gone.has(id)))
  return ids.size === selection.ids.size ? selection : { ids, anchor: selection.anchor }
}
