// Which rows a scrolled list shows. All rows have one height, so this is arithmetic: nothing is kept for each row.

/** Browsers lose precision above 2^24 pixels and stop at 2^25: a longer list is scrolled in proportion. */
export const HIGHEST = 12_000_000

export interface Geometry {
  total: number
  row: number
  viewport: number
}

/** Height of what is scrolled. */
export function height({ total, row }: Geometry, highest: number = HIGHEST): number {
  return Math.min(total * row, highest)
}

/** How far the rows' own coordinates are ahead of the scrolled ones: 0 except in a list higher than `highest`. */
export function lead(geometry: Geometry, top: number, highest: number = HIGHEST): number {
  const whole = geometry.total * geometry.row
  if (whole <= highest) return 0
  const range = highest - geometry.viewport
  return range <= 0 ? 0 : Math.round((Math.min(top, range) / range) * (whole - highest))
}

/** First and last row to draw, with some to spare on each side. `last` is -1 for none. */
export function drawn(
  geometry: Geometry,
  top: number,
  spare: number,
  highest: number = HIGHEST,
): { first: number; last: number } {
  const { total, row, viewport } = geometry
  if (total === 0 || row <= 0) return { first: 0, last: -1 }
  const at = Math.max(0, top) + lead(geometry, top, highest)
  const first = Math.max(0, Math.floor(at / row) - spare)
  const last = Math.min(total - 1, Math.floor((at + viewport) / row) + spare)
  return { first: Math.min(first, last), last }
}

/** Where to scroll so that a row is wholly seen; `null` when it already is. */
export function revealing(
  geometry: Geometry,
  top: number,
  index: number,
  highest: number = HIGHEST,
): number | null {
  const { row, viewport, total } = geometry
  const whole = total * row
  const at = top + lead(geometry, top, highest)
  const from = index * row
  let wanted: number
  if (from < at) wanted = from
  else if (from + row > at + viewport) wanted = from + row - viewport
  else return null
  if (whole <= highest) return wanted
  const range = highest - viewport
  return Math.max(0, Math.min(range, (wanted / (whole - viewport)) * range))
}
