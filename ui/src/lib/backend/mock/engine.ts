// The simulated engine: what stands how, and what the commands do to it.

import { CANCELLED, DISMISSED, TOKEN_REFUSED, UNREACHABLE, type Cause } from './causes'
import { isPending, pendingOf, type Entry, type Ledger } from './ledger'
import { viewOf, type Source, type Wish, type World } from './scene'
import { CAVEATS } from './notices'
import type {
  BackendProtocol,
  Health,
  RetryWhat,
  Round,
  Scope,
  SourceView,
  Status,
  WindowEvent,
  WindowSettings,
} from '../protocol'

const BACKEND = 'https://photos.studio-han.example/offload'
const BROWSER_BACKEND = 'https://browser.studio-han.example/offload'
const ACCOUNT = 'mina@studio-han.example'

export class Engine {
  readonly ledger: Ledger
  sources: Source[]
  settings: WindowSettings
  backend: string | null = BACKEND
  account: string | null = ACCOUNT
  protocol: BackendProtocol = 'offload'
  signedOut: Cause | null = null
  offline: Cause | null = null
  paused = false
  pausedUntil: number | null = null
  /** Set by a test: this word, whatever the ledger says. */
  forced: Health | null = null
  speed = 0
  private roundDone = { files: 0, bytes: 0 }
  private standingChanged = false

  constructor(
    wish: Wish,
    world: World,
    settings: WindowSettings,
    private readonly now: () => number,
    private readonly tell: (event: WindowEvent) => void,
  ) {
    this.ledger = world.ledger
    this.sources = world.sources
    this.settings = settings
    if (wish.scenario === 'signed_out' || wish.scenario === 'browser') this.signedOut = TOKEN_REFUSED
    if (wish.scenario === 'offline') this.offline = UNREACHABLE
    if (wish.scenario === 'paused') {
      this.paused = true
      this.pausedUntil = now() + 3_600_000
    }
    if (wish.scenario === 'browser') this.backend = BROWSER_BACKEND
    if (wish.scenario === 'companion') this.protocol = 'companion'
    if (wish.scenario === 'welcome') this.backend = this.account = null
    if (this.signedOut !== null) this.account = null
    // As if the round had begun a while ago.
    const pending = pendingOf(this.ledger.totals())
    this.roundDone = { files: Math.floor(pending.files * 0.6), bytes: Math.floor(pending.bytes * 0.6) }
    if (this.canSend() && pending.files > 0) this.speed = 31_400_000
    if (!this.canSend())
      for (const entry of this.ledger.inState('uploading')) this.ledger.move(entry, 'queued', now())
    this.ledger.takeChanges()
  }

  /** Whether files may go out at all. */
  canSend(): boolean {
    return this.signedOut === null && this.offline === null && !this.isPaused()
  }

  /** What holds this source's files back. */
  mayGo(entry: Entry): boolean {
    return this.source(entry.source)?.state === 'active'
  }

  source(id: number): Source | undefined {
    return this.sources.find((source) => source.id === id)
  }

  status(): Status {
    const hold = this.hold()
    const totals = this.ledger.totals()
    return {
      health: this.health(),
      detail: hold === null ? null : hold.hint === null ? hold.reason : `${hold.reason}; ${hold.hint}`,
      code: hold?.code ?? null,
      retry_in_s: this.offline === null ? null : 12,
      running: true,
      backend: this.backend,
      account: this.account,
      caveats: this.protocol === 'companion' ? CAVEATS : [],
      totals,
      sources: this.sources.map((source) => viewOf(source, this.ledger)),
      concurrency: Math.min(4, this.settings.concurrency),
      bandwidth_limit: this.bandwidth(),
      speed: this.speed,
      round: this.round(),
      paused_until_ms: this.pausedUntil ?? (this.inDailyPause() ? this.dailyEnd() : null),
      seq: this.ledger.seq,
    }
  }

  round(): Round | null {
    const pending = pendingOf(this.ledger.totals())
    if (pending.files === 0) {
      this.roundDone = { files: 0, bytes: 0 }
      return null
    }
    const flying = this.ledger.inState('uploading').reduce((sum, entry) => sum + (entry.sent ?? 0), 0)
    return {
      files_done: this.roundDone.files,
      files_all: this.roundDone.files + pending.files,
      bytes_done: this.roundDone.bytes + flying,
      bytes_all: this.roundDone.bytes + pending.bytes,
      seconds_left: this.speed > 0 ? Math.ceil((pending.bytes - flying) / this.speed) : null,
    }
  }

  /** A file moved on; one that came to an end counts for the round. */
  move(entry: Entry, ...to: Parameters<Ledger['move']> extends [Entry, ...infer Rest] ? Rest : never): void {
    const before = isPending(entry.state)
    this.ledger.move(entry, ...to)
    if (before && !isPending(entry.state)) {
      this.roundDone.files += 1
      this.roundDone.bytes += entry.size
    }
  }

  bandwidth(): number | null {
    return this.inDaily() ? (this.settings.daily?.bandwidth ?? null) : this.settings.bandwidth
  }

  standing(): void {
    this.standingChanged = true
    queueMicrotask(() => this.flush())
  }

  /** Tells what changed, as the engine's events. */
  flush(): void {
    const totals = this.ledger.totals()
    for (const portion of this.ledger.takeChanges()) {
      this.tell({ window: 'engine', with: { event: 'files', ...portion, totals } })
    }
    if (!this.standingChanged) return
    this.standingChanged = false
    this.tell({ window: 'engine', with: { event: 'standing' } })
  }

  pause(scope: Scope, until: number | null): void {
    if (scope === 'all') {
      this.paused = true
      this.pausedUntil = until
      this.callBack(() => true)
    } else {
      this.set(scope.source, 'paused')
      this.callBack((entry) => entry.source === scope.source)
    }
    this.standing()
  }

  resume(scope: Scope): void {
    if (scope === 'all') {
      this.paused = false
      this.pausedUntil = null
    } else this.set(scope.source, 'active')
    this.standing()
  }

  retry(what: RetryWhat): number {
    const entries = this.among(what, ['failed', 'waiting'])
    for (const entry of entries) {
      entry.attempts = 0
      this.move(entry, 'queued', this.now())
    }
    this.standing()
    return entries.length
  }

  dismiss(what: RetryWhat): number {
    const entries = this.among(what, ['missing'])
    for (const entry of entries) this.move(entry, 'skipped', this.now(), DISMISSED)
    this.standing()
    return entries.length
  }

  cancel(id: number, cause: Cause = CANCELLED): void {
    for (const state of ['settling', 'queued', 'uploading', 'waiting', 'failed', 'missing'] as const) {
      for (const entry of this.ledger.inState(state)) {
        if (entry.source === id) this.move(entry, 'skipped', this.now(), cause)
      }
    }
    this.set(id, 'cancelled')
    this.standing()
  }

  remove(id: number): void {
    this.ledger.removeSource(id)
    this.sources = this.sources.filter((source) => source.id !== id)
    this.standing()
  }

  add(source: Omit<Source, 'id'>, files: { path: string; size: number }[]): SourceView {
    const id = Math.max(0, ...this.sources.map((known) => known.id)) + 1
    const whole: Source = { id, ...source }
    this.sources = [...this.sources, whole]
    for (const file of files) {
      this.ledger.add({
        ...file,
        source: id,
        modified: this.now() - 86_400_000,
        state: 'settling',
        cause: null,
        attempts: 0,
        changed: this.now(),
        retryAt: null,
        sent: null,
        current: true,
        replaces: null,
      })
    }
    this.standing()
    return viewOf(whole, this.ledger)
  }

  signOut(): void {
    this.signedOut = {
      code: 'signed_out',
      reason: 'no token is stored for this backend',
      hint: 'sign in with `offload login`',
    }
    this.account = null
    this.speed = 0
    this.callBack(() => true)
    this.standing()
  }

  signIn(backend: string, protocol: BackendProtocol): void {
    this.protocol = protocol
    this.signedOut = null
    this.forced = null
    this.backend = backend
    this.account = ACCOUNT
    this.standing()
  }

  /** As the engine's own `health`: the worst true word. */
  private health(): Health {
    if (this.forced !== null) return this.forced
    if (this.signedOut !== null) return 'signed_out'
    if (this.offline !== null) return 'offline'
    const totals = this.ledger.totals()
    const pending = pendingOf(totals).files
    if (this.isPaused() || (pending > 0 && this.sources.some((source) => source.state === 'paused')))
      return 'paused'
    if (
      totals.failed.files + totals.missing.files > 0 ||
      this.sources.some((source) => source.state === 'away')
    ) {
      return 'needs_attention'
    }
    return pending > 0 || this.sources.some((source) => source.scanning) ? 'working' : 'up_to_date'
  }

  private hold(): Cause | null {
    if (this.signedOut ?? this.offline) return this.signedOut ?? this.offline
    return this.inDailyPause() && !this.paused
      ? { code: 'daily_limit', reason: 'nothing is sent at this time of day', hint: null }
      : null
  }

  private isPaused(): boolean {
    if (this.paused && this.pausedUntil !== null && this.pausedUntil <= this.now()) {
      this.paused = false
      this.pausedUntil = null
      this.standing()
    }
    return this.paused || this.inDailyPause()
  }

  private inDailyPause(): boolean {
    return this.inDaily() && this.settings.daily?.bandwidth === null
  }

  private inDaily(): boolean {
    const daily = this.settings.daily
    if (daily === null) return false
    const now = new Date(this.now())
    const minute = now.getHours() * 60 + now.getMinutes()
    const { from_minute: from, to_minute: to } = daily
    return from === to || (from < to ? minute >= from && minute < to : minute >= from || minute < to)
  }

  private dailyEnd(): number {
    const end = new Date(this.now())
    end.setHours(0, this.settings.daily?.to_minute ?? 0, 0, 0)
    return end.getTime() > this.now() ? end.getTime() : end.getTime() + 86_400_000
  }

  private callBack(which: (entry: Entry) => boolean): void {
    for (const entry of this.ledger.inState('uploading'))
      if (which(entry)) this.move(entry, 'queued', this.now())
    if (!this.canSend()) this.speed = 0
  }

  private set(id: number, state: Source['state']): void {
    const source = this.source(id)
    if (source !== undefined) source.state = state
  }

  private among(what: RetryWhat, states: Entry['state'][]): Entry[] {
    const files = typeof what === 'object' && 'files' in what ? new Set(what.files) : null
    const source = typeof what === 'object' && 'source' in what ? what.source : null
    return states
      .flatMap((state) => this.ledger.inState(state))
      .filter(
        (entry) => (files === null || files.has(entry.id)) && (source === null || entry.source === source),
      )
  }
}
