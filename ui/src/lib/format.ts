// Numbers, bytes, times as people read them, by Intl in the tongue of the window.

import type { Tongue } from './backend/protocol'

const UNITS = ['B', 'KB', 'MB', 'GB', 'TB', 'PB'] as const

const made = new Map<string, Intl.NumberFormat | Intl.DateTimeFormat | Intl.RelativeTimeFormat>()

/** Formatters are slow to make: one of each is kept for each tongue. */
function kept<Format extends Intl.NumberFormat | Intl.DateTimeFormat | Intl.RelativeTimeFormat>(
  key: string,
  make: () => Format,
): Format {
  const found = made.get(key)
  if (found !== undefined) return found as Format
  const format = make()
  made.set(key, format)
  return format
}

export function count(tongue: Tongue, value: number): string {
  return kept(`${tongue}#`, () => new Intl.NumberFormat(tongue)).format(value)
}

/** Decimal units, as cameras, cards and clouds count: `23 GB`, `1.2 MB`, `640 B`. */
export function bytes(tongue: Tongue, value: number): string {
  let unit = 0
  let scaled = value
  // 999,950 would round to "1,000 KB".
  while (scaled >= (unit === 0 ? 1000 : 999.5) && unit < UNITS.length - 1) {
    scaled /= 1000
    unit += 1
  }
  const digits = unit === 0 || scaled >= 9.95 ? 0 : 1
  const format = kept(
    `${tongue}b${digits}`,
    () => new Intl.NumberFormat(tongue, { maximumFractionDigits: digits }),
  )
  return `${format.format(scaled)}\u00a0${UNITS[unit]}`
}

/** Whole percent; 100 only when all is done. */
export function percent(tongue: Tongue, done: number, all: number): string {
  const format = kept(`${tongue}%`, () => new Intl.NumberFormat(tongue, { style: 'percent' }))
  return format.format(share(done, all))
}

/** 0 to 1; below 1 as long as something is left. */
export function share(done: number, all: number): number {
  if (all <= 0 || done <= 0) return 0
  return done >= all ? 1 : Math.min(Math.floor((done / all) * 100) / 100, 0.99)
}

/** A length of time in one or two units: what is said, and with which numbers. */
export type Span = { unit: 'seconds' | 'minutes' | 'hours' | 'days'; value: number; rest: number }

export function span(seconds: number): Span {
  if (seconds < 60) return { unit: 'seconds', value: Math.max(1, Math.round(seconds)), rest: 0 }
  const minutes = Math.round(seconds / 60)
  if (minutes < 60) return { unit: 'minutes', value: minutes, rest: 0 }
  if (minutes < 60 * 24) return { unit: 'hours', value: Math.floor(minutes / 60), rest: minutes % 60 }
  const hours = Math.round(minutes / 60)
  return { unit: 'days', value: Math.floor(hours / 24), rest: hours % 24 }
}

function sameDay(a: Date, b: Date): boolean {
  return a.getFullYear() === b.getFullYear() && a.getMonth() === b.getMonth() && a.getDate() === b.getDate()
}

/** The time today, the date before: short enough for a column. */
export function moment(tongue: Tongue, at_ms: number, now_ms: number): string {
  const at = new Date(at_ms)
  const now = new Date(now_ms)
  if (sameDay(at, now)) return clock(tongue, at_ms)
  const year = at.getFullYear() === now.getFullYear() ? undefined : ('numeric' as const)
  const format = kept(
    `${tongue}d${year ?? ''}`,
    () => new Intl.DateTimeFormat(tongue, { year, month: 'short', day: 'numeric' }),
  )
  return format.format(at)
}

/** Hours and minutes. */
export function clock(tongue: Tongue, at_ms: number): string {
  return kept(
    `${tongue}t`,
    () => new Intl.DateTimeFormat(tongue, { hour: 'numeric', minute: '2-digit' }),
  ).format(at_ms)
}

/** The whole of it: date, hours, minutes, seconds. */
export function exact(tongue: Tongue, at_ms: number): string {
  return kept(
    `${tongue}x`,
    () => new Intl.DateTimeFormat(tongue, { dateStyle: 'medium', timeStyle: 'medium' }),
  ).format(at_ms)
}

/** When something comes: the time alone if it is within a day, else with its weekday or date. */
export function coming(tongue: Tongue, at_ms: number, now_ms: number): string {
  if (sameDay(new Date(at_ms), new Date(now_ms))) return clock(tongue, at_ms)
  return kept(
    `${tongue}c`,
    () => new Intl.DateTimeFormat(tongue, { weekday: 'short', hour: 'numeric', minute: '2-digit' }),
  ).format(at_ms)
}

/** Milliseconds of an attempt, with a fitting number of digits. */
export function took(tongue: Tongue, ms: number): { unit: 'ms' | 's'; text: string } {
  if (ms < 1000) return { unit: 'ms', text: count(tongue, Math.round(ms)) }
  const digits = ms < 10_000 ? 1 : 0
  const format = kept(
    `${tongue}s${digits}`,
    () => new Intl.NumberFormat(tongue, { maximumFractionDigits: digits }),
  )
  return { unit: 's', text: format.format(ms / 1000) }
}

/** `09:05` for 545. */
export function timeOfDay(minutes: number): string {
  const hours = Math.floor(minutes / 60) % 24
  return `${String(hours).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`
}

/** 545 for `9:05`, `09.05`, `0905`, `9`; `null` for what is no time of day. */
export function readTimeOfDay(text: string): number | null {
  const match = /^\s*(\d{1,2})(?:\s*[:.h시]?\s*(\d{2}))?\s*$/u.exec(text)
  if (match === null) return null
  const hours = Number(match[1])
  const minutes = Number(match[2] ?? 0)
  return hours < 24 && minutes < 60 ? hours * 60 + minutes : null
}

/** The next midnight, local time. */
export function tomorrow(now_ms: number): number {
  const at = new Date(now_ms)
  at.setHours(24, 0, 0, 0)
  return at.getTime()
}
