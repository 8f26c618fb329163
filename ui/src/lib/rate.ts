// A speed limit as people enter it: a number and a unit.

export type RateUnit = 'KB' | 'MB'

const FACTOR: Record<RateUnit, number> = { KB: 1000, MB: 1_000_000 }
/** Less than this is a slip of the hand: nothing would ever arrive. */
export const LEAST = 10_000

/** `2500000` as `2.5 MB`; whole kilobytes where it is less than one megabyte. */
export function asRate(bytes: number): { value: number; unit: RateUnit } {
  const unit = bytes >= FACTOR.MB ? 'MB' : 'KB'
  return { value: Math.round((bytes / FACTOR[unit]) * 100) / 100, unit }
}

/** Bytes a second of what was typed, with a point or a comma; `null` for what is no speed. */
export function readRate(text: string, unit: RateUnit): number | null {
  const trimmed = text.trim().replace(',', '.')
  if (!/^\d+(\.\d+)?$|^\.\d+$/.test(trimmed)) return null
  const bytes = Math.round(Number(trimmed) * FACTOR[unit])
  return Number.isSafeInteger(bytes) && bytes >= LEAST ? bytes : null
}
