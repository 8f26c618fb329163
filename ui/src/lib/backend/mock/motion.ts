// Time passes in the simulated engine: files settle, fly, are confirmed, fail now and then, and a folder is looked through.

import { WAITING } from './causes'
import { pick, seeded } from './chance'
import type { Engine } from './engine'
import type { Entry } from './ledger'
import { photograph } from './names'
import type { WindowEvent } from '../protocol'

const TICK_MS = 100
const PROGRESS_MS = 500
/** Bytes a second without a limit. */
const LINE = 38_000_000
const SETTLES_MS = 2_000
const CONFIRMS_MS = 500
/** A folder is looked through for so long. */
const SCAN_MS = 20_000

/** Runs until the returned function is called. */
export function setInMotion(
  engine: Engine,
  now: () => number,
  tell: (event: WindowEvent) => void,
): () => void {
  const chance = seeded(7)
  const began = now()
  let ticks = 0
  let number = 60_000
  const timer = setInterval(() => {
    ticks += 1
    settle(engine, now())
    look()
    const flying = engine.canSend() ? fly() : []
    engine.flush()
    if (flying.length > 0 && (ticks * TICK_MS) % PROGRESS_MS === 0) {
      const files = flying.map((entry) => ({ id: entry.id, sent: entry.sent ?? 0, size: entry.size }))
      tell({
        window: 'engine',
        with: { event: 'progress', files, speed: engine.speed, round: engine.round() },
      })
    }
  }, TICK_MS)

  function fly(): Entry[] {
    wake(engine, now())
    claim(engine, now())
    const flying = engine.ledger.inState('uploading').filter((entry) => engine.mayGo(entry))
    const speed = Math.min(LINE, engine.bandwidth() ?? LINE) * (0.85 + 0.3 * chance())
    engine.speed = flying.length === 0 ? 0 : Math.round(speed)
    for (const entry of flying) {
      entry.sent = Math.min(
        entry.size,
        Math.round((entry.sent ?? 0) + (speed / flying.length / 1000) * TICK_MS),
      )
      if (entry.sent < entry.size) continue
      if (chance() < 0.02) {
        entry.attempts += 1
        engine.move(entry, 'waiting', now(), pick(chance, WAITING))
        entry.retryAt = now() + 5_000
      } else engine.move(entry, 'uploaded', now())
    }
    for (const entry of engine.ledger.inState('uploaded')) {
      if (now() - entry.changed > CONFIRMS_MS) engine.move(entry, 'confirmed', now())
    }
    return engine.ledger.inState('uploading')
  }

  function look(): void {
    const scanning = engine.sources.find((source) => source.scanning)
    if (scanning === undefined) return
    // The orders of a long list are not sorted anew for a new photo.
    if (ticks % 20 === 0 && engine.ledger.entries.length < 5_000) {
      engine.ledger.add({
        ...photograph(chance, number++),
        source: scanning.id,
        modified: now() - 60_000,
        state: 'settling',
        cause: null,
        attempts: 0,
        changed: now(),
        retryAt: null,
        sent: null,
        current: true,
        replaces: null,
      })
    }
    if (now() - began > SCAN_MS) {
      for (const source of engine.sources) {
        if (!source.scanning) continue
        source.scanning = false
        source.scanned_at_ms = now()
      }
      engine.standing()
    }
  }

  return () => clearInterval(timer)
}

function settle(engine: Engine, now: number): void {
  for (const entry of engine.ledger.inState('settling')) {
    if (now - entry.changed > SETTLES_MS) engine.move(entry, 'queued', now)
  }
}

function wake(engine: Engine, now: number): void {
  for (const entry of engine.ledger.inState('waiting')) {
    if (entry.retryAt !== null && entry.retryAt <= now && engine.mayGo(entry))
      engine.move(entry, 'queued', now)
  }
}

function claim(engine: Engine, now: number): void {
  let room = Math.min(4, engine.settings.concurrency) - engine.ledger.inState('uploading').length
  if (room <= 0) return
  for (const entry of engine.ledger.inState('queued')) {
    if (!engine.mayGo(entry)) continue
    engine.move(entry, 'uploading', now)
    if (--room === 0) return
  }
}
