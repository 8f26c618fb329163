// Rows, totals, sources and a status to build tests from.

import type { FileRow, SourceView, State, Status, Tally, Totals } from '../src/lib/backend/protocol'

export const rowOf = (part: Partial<FileRow> = {}): FileRow => ({
  id: 1,
  file_id: `f${part.id ?? 1}`,
  source_id: 1,
  path: `2026/IMG_${String(part.id ?? 1).padStart(4, '0')}.jpg`,
  size: 1_000_000,
  modified_ms: 0,
  state: 'confirmed',
  code: null,
  reason: null,
  hint: null,
  sha256: null,
  key: null,
  etag: null,
  attempts: 0,
  retry_at_ms: null,
  uploaded_at_ms: null,
  confirmed_at_ms: null,
  changed_at_ms: 0,
  current: true,
  supersedes: null,
  sent: null,
  ...part,
})

const none: Tally = { files: 0, bytes: 0 }

export function totalsOf(files: Partial<Record<State, number>> = {}): Totals {
  const totals: Totals = {
    settling: none,
    queued: none,
    uploading: none,
    uploaded: none,
    confirmed: none,
    waiting: none,
    failed: none,
    skipped: none,
    missing: none,
  }
  for (const [state, count] of Object.entries(files)) {
    totals[state as State] = { files: count, bytes: count * 1_000_000 }
  }
  return totals
}

export const sourceOf = (part: Partial<SourceView> = {}): SourceView => ({
  id: 1,
  kind: 'watched',
  name: 'Studio',
  roots: ['/home/mina/Studio'],
  prefix: '',
  include: [],
  exclude: [],
  changed: 'new-version',
  state: 'active',
  scanning: false,
  notices: [],
  scanned_at_ms: 1,
  totals: totalsOf({ confirmed: 3 }),
  ...part,
})

export const statusOf = (part: Partial<Status> = {}): Status => ({
  health: 'up_to_date',
  detail: null,
  code: null,
  retry_in_s: null,
  running: true,
  backend: 'https://photos.example',
  account: 'mina',
  caveats: [],
  totals: totalsOf({ confirmed: 3 }),
  sources: [sourceOf()],
  concurrency: 4,
  bandwidth_limit: null,
  speed: 0,
  round: null,
  paused_until_ms: null,
  seq: 1,
  ...part,
})
