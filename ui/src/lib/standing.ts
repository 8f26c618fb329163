// What the header says of the whole: one sentence, and what stands below it.

import type { Round, Status } from './backend/protocol'
import { confirms, pending } from './states'

export type Tone = 'good' | 'busy' | 'quiet' | 'warn' | 'bad'

export interface Standing {
  tone: Tone
  /** Text id of the sentence. */
  id: string
  done: number
  all: number
  /** 0 to 1 for the bar; `null` for none. */
  share: number | null
}

const TONES: Record<Status['health'], Tone> = {
  signed_out: 'bad',
  offline: 'warn',
  paused: 'quiet',
  needs_attention: 'bad',
  stopped: 'warn',
  working: 'busy',
  up_to_date: 'good',
}

/** The tray's word, with the numbers of the round where there is work. */
export function standing(status: Status, round: Round | null): Standing {
  const { health } = status
  const tone = TONES[health]
  const left = pending(status.totals)
  const base = { tone, done: round?.files_done ?? 0, all: round?.files_all ?? 0 }
  const share =
    round === null || round.bytes_all === 0
      ? null
      : Math.min(1, round.bytes_done / Math.max(1, round.bytes_all))
  if (health === 'working') {
    if (round === null || round.files_all === 0 || left === 0)
      return { ...base, id: 'health-looking', share: null }
    // All is in S3, the backend's word is still to come.
    if (status.totals.uploaded.files === left) return { ...base, id: 'health-confirming', share }
    return { ...base, id: 'health-uploading', share }
  }
  if (health === 'up_to_date') {
    const id = confirms(status.caveats) ? 'health-up_to_date' : 'health-stored'
    return { ...base, id: status.sources.length === 0 ? 'health-empty' : id, share: null }
  }
  // Work goes on beside what needs a person.
  if (health === 'needs_attention')
    return { ...base, id: 'health-needs_attention', share: left > 0 ? share : null }
  return { ...base, id: `health-${health}`, share: left > 0 ? share : null }
}
