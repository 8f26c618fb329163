// The story of a path: its versions, newest first, and their attempts.

import { WAITING } from './causes'
import { seeded } from './chance'
import type { Engine } from './engine'
import type { Entry } from './ledger'
import type { Attempt, Story, Version } from '../protocol'

export function storyOf(engine: Engine, id: number): Story | null {
  const entry = engine.ledger.get(id)
  const source = entry === undefined ? undefined : engine.source(entry.source)
  if (entry === undefined || source === undefined) return null
  const versions: Version[] = engine.ledger.entries
    .filter((other) => other.source === entry.source && other.path === entry.path)
    .reverse()
    .map((version) => ({ file: engine.ledger.row(version), attempts: attemptsOf(version) }))
  return { local_path: `${source.roots[0] ?? ''}/${entry.path}`, versions }
}

function attemptsOf(entry: Entry): Attempt[] {
  const chance = seeded(entry.id)
  const attempts: Attempt[] = []
  let at = entry.changed - entry.attempts * 45_000 - 4_000
  const add = (step: string, outcome: string, detail: string | null, took: number) => {
    attempts.push({ at_ms: Math.round(at), duration_ms: Math.round(took), step, outcome, detail })
    at += took + 20_000 * chance()
  }
  const isLast = (number: number) => number === entry.attempts - 1
  for (let number = 0; number < entry.attempts; number++) {
    const earlier = WAITING[(entry.id + number) % WAITING.length]!
    const cause =
      isLast(number) && (entry.state === 'waiting' || entry.state === 'failed') && entry.cause
        ? entry.cause
        : earlier
    add('upload', cause.code, cause.reason, 800 + 30_000 * chance())
  }
  if (entry.state === 'uploaded' || entry.state === 'confirmed')
    add('upload', 'ok', null, 700 + entry.size / 30_000)
  if (entry.state === 'confirmed') add('confirm', 'ok', null, 40 + 200 * chance())
  return attempts
}
