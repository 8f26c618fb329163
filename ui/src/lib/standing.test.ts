import { describe, expect, it } from 'vitest'
import { sourceOf, statusOf, totalsOf } from '../../tests/rows'
import type { Round, Status } from './backend/protocol'
import { standing } from './standing'
import { finished, lookOf } from './states'

const round: Round = { files_done: 12, files_all: 340, bytes_done: 50, bytes_all: 200, seconds_left: 60 }

describe('the sentence for the whole', () => {
  it.each<[string, Partial<Status>, Round | null, string, number | null]>([
    ['all safe', {}, null, 'health-up_to_date', null],
    [
      'all stored, and nobody confirms',
      { caveats: [{ code: 'unconfirmed', text: '', args: {} }] },
      null,
      'health-stored',
      null,
    ],
    ['no source yet', { sources: [] }, null, 'health-empty', null],
    ['uploading', { health: 'working', totals: totalsOf({ queued: 5 }) }, round, 'health-uploading', 0.25],
    ['only the scan is left', { health: 'working' }, round, 'health-looking', null],
    ['no round yet', { health: 'working', totals: totalsOf({ queued: 5 }) }, null, 'health-looking', null],
    ['all sent', { health: 'working', totals: totalsOf({ uploaded: 5 }) }, round, 'health-confirming', 0.25],
    ['offline', { health: 'offline', totals: totalsOf({ queued: 5 }) }, round, 'health-offline', 0.25],
    ['offline with nothing to do', { health: 'offline' }, null, 'health-offline', null],
    [
      'something failed',
      { health: 'needs_attention', totals: totalsOf({ failed: 1 }) },
      round,
      'health-needs_attention',
      null,
    ],
    ['signed out', { health: 'signed_out' }, null, 'health-signed_out', null],
  ])('%s', (_, status, of, id, share) => {
    const says = standing(statusOf(status), of)
    expect([says.id, says.share]).toEqual([id, share])
  })

  it('is green only where all is safe', () => {
    const healths: Status['health'][] = [
      'signed_out',
      'offline',
      'paused',
      'needs_attention',
      'stopped',
      'working',
    ]
    for (const health of healths) expect(standing(statusOf({ health }), round).tone).not.toBe('good')
  })
})

describe('how a source looks', () => {
  it.each([
    ['safe', {}],
    ['away', { state: 'away' as const, totals: totalsOf({ failed: 1 }) }],
    ['attention', { totals: totalsOf({ failed: 1, queued: 4 }) }],
    ['working', { totals: totalsOf({ waiting: 1 }), scanning: true }],
    ['scanning', { scanning: true }],
    ['scanning', { scanned_at_ms: null }],
    ['empty', { totals: totalsOf() }],
  ])('%s', (look, part) => expect(lookOf(sourceOf(part))).toBe(look))

  it('only a batch with nothing left to do is finished', () => {
    expect(finished(sourceOf())).toBe(false)
    expect(finished(sourceOf({ kind: 'batch' }))).toBe(true)
    expect(finished(sourceOf({ kind: 'batch', totals: totalsOf({ failed: 1 }) }))).toBe(false)
    expect(finished(sourceOf({ kind: 'batch', state: 'cancelled' }))).toBe(true)
  })
})
