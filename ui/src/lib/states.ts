// The nine states as people see them, and the totals over them.

import type { Notice, SourceView, State, Tally, Totals } from './backend/protocol'

/** In the order of the filter chips: what needs a look first, what is safe last. */
export const STATES: readonly State[] = [
  'failed',
  'missing',
  'uploading',
  'waiting',
  'queued',
  'settling',
  'uploaded',
  'confirmed',
  'skipped',
]

export const PENDING: readonly State[] = ['settling', 'queued', 'uploading', 'uploaded', 'waiting']
export const ATTENTION: readonly State[] = ['failed', 'missing']

export type Tone = 'good' | 'busy' | 'quiet' | 'warn' | 'bad'

export const TONES: Record<State, Tone> = {
  settling: 'quiet',
  queued: 'quiet',
  uploading: 'busy',
  uploaded: 'busy',
  confirmed: 'good',
  waiting: 'warn',
  failed: 'bad',
  skipped: 'quiet',
  missing: 'bad',
}

/** Whether the backend can confirm what arrived. */
export const confirms = (caveats: readonly Notice[]): boolean =>
  !caveats.some((caveat) => caveat.code === 'unconfirmed')

/** Text id of a state's word: safe is only what a backend has confirmed. */
export const wordOf = (state: State, confirmed: boolean): string =>
  state === 'confirmed' && !confirmed ? 'state-stored' : `state-${state}`

export function sum(totals: Totals, states: readonly State[]): Tally {
  let files = 0
  let bytes = 0
  for (const state of states) {
    files += totals[state].files
    bytes += totals[state].bytes
  }
  return { files, bytes }
}

export const all = (totals: Totals): Tally => sum(totals, STATES)
export const pending = (totals: Totals): number => sum(totals, PENDING).files
export const attention = (totals: Totals): number => sum(totals, ATTENTION).files

/** What the side shows of a source, by what matters most. */
export type SourceLook =
  'away' | 'paused' | 'cancelled' | 'attention' | 'scanning' | 'working' | 'safe' | 'empty'

export function lookOf(source: SourceView): SourceLook {
  if (source.state === 'away' || source.state === 'paused' || source.state === 'cancelled')
    return source.state
  if (attention(source.totals) > 0) return 'attention'
  if (pending(source.totals) > 0) return 'working'
  if (source.scanning || source.scanned_at_ms === null) return 'scanning'
  return all(source.totals).files > 0 ? 'safe' : 'empty'
}

/** A batch with nothing left to do: it moves to the earlier ones. */
export function finished(source: SourceView): boolean {
  if (source.kind !== 'batch') return false
  const look = lookOf(source)
  return look === 'safe' || look === 'cancelled' || look === 'empty'
}
