// Which world the address asks for, and that world on the first look.

import { causesOf, SUPERSEDED, CANCELLED, PENDING } from './causes'
import { pick, seeded, type Chance } from './chance'
import { Ledger } from './ledger'
import { HOSTILE, photograph } from './names'
import * as notice from './notices'
import type {
  Appearance,
  Language,
  Notice,
  SourceKind,
  SourceState,
  SourceView,
  State,
  WindowSettings,
} from '../protocol'

export const SCENARIOS = [
  'everything',
  'welcome',
  'empty',
  'working',
  'attention',
  'signed_out',
  'offline',
  'paused',
  'up_to_date',
  'elsewhere',
  'broken',
  'starting',
  'hostile',
  /** Signed out of a backend that offers the browser. */
  'browser',
  /** All is in S3; the backend takes its time. */
  'processing',
  /** Up to date, with a backend that confirms nothing. */
  'companion',
] as const
export type Scenario = (typeof SCENARIOS)[number]

/** The moment at which a still world stands. */
export const STILL_MOMENT = Date.UTC(2026, 10, 24, 10, 0)

export interface Wish {
  scenario: Scenario
  files: number
  /** Nothing moves by itself, and the clock stands. */
  still: boolean
  speak: Language
  theme: Appearance
}

export function wishOf(search: string): Wish {
  const query = new URLSearchParams(search)
  const asked = query.get('scenario')
  const speak = query.get('speak')
  const theme = query.get('theme')
  return {
    scenario: SCENARIOS.find((scenario) => scenario === asked) ?? 'everything',
    files: Math.max(0, Number(query.get('files') ?? 400) || 0),
    still: query.get('still') === '1',
    speak: speak === 'en' || speak === 'ko' ? speak : 'system',
    theme: theme === 'light' || theme === 'dark' ? theme : 'system',
  }
}

export const settingsOf = (wish: Wish): WindowSettings => ({
  bandwidth: null,
  daily: null,
  concurrency: 8,
  gps: true,
  start_at_login: false,
  notify_done: true,
  notify_attention: true,
  keep_awake: true,
  appearance: wish.theme,
  language: wish.speak,
})

/** A source without its sums: those are the ledger's. */
export type Source = Omit<SourceView, 'totals'>

interface Plan {
  name: string
  root: string
  kind: SourceKind
  state: SourceState
  scanning?: boolean
  prefix?: string
  exclude?: string[]
  notices?: Notice[]
  /** Part of all files, and how its files stand. */
  share: number
  states: Partial<Record<State, number>>
}

const HOME = '/home/mina/Pictures'
const DONE = { confirmed: 97, skipped: 3 }
const BUSY = { confirmed: 62, queued: 22, settling: 4, uploading: 2, uploaded: 2, waiting: 3, skipped: 3 }
const TROUBLED = { confirmed: 80, failed: 12, missing: 4, waiting: 2, skipped: 2 }

function plans(scenario: Scenario): Plan[] {
  const studio: Plan = {
    name: 'Studio',
    root: `${HOME}/Studio`,
    kind: 'watched',
    state: 'active',
    prefix: 'studio',
    share: 0.3,
    states: BUSY,
    notices: [notice.leftOut(14, 2)],
  }
  const weddings: Plan = {
    name: 'Weddings 2026',
    root: `${HOME}/Weddings 2026`,
    kind: 'watched',
    state: 'active',
    prefix: 'weddings/2026',
    share: 0.25,
    states: BUSY,
  }
  const card: Plan = {
    name: 'EOS_DIGITAL',
    root: '/media/mina/EOS_DIGITAL/DCIM',
    kind: 'watched',
    state: 'active',
    share: 0.1,
    states: DONE,
  }
  const jeju: Plan = {
    name: '제주 2026',
    root: '/mnt/nas/제주 2026',
    kind: 'watched',
    state: 'active',
    exclude: ['*.xmp'],
    share: 0.1,
    states: BUSY,
    notices: [notice.polling('/mnt/nas/제주 2026')],
  }
  const running: Plan = {
    name: '2026-11-22 Lee portraits',
    root: `${HOME}/2026-11-22 Lee portraits`,
    kind: 'batch',
    state: 'active',
    share: 0.1,
    states: BUSY,
  }
  const done: Plan = {
    name: 'Autumn catalogue',
    root: '/home/mina/Desktop/Autumn catalogue',
    kind: 'batch',
    state: 'active',
    prefix: 'catalogue',
    share: 0.1,
    states: { confirmed: 1 },
  }
  const cancelled: Plan = {
    name: 'Test shots',
    root: '/home/mina/Desktop/Test shots',
    kind: 'batch',
    state: 'cancelled',
    share: 0.05,
    states: { confirmed: 20, skipped: 80 },
  }
  const all = [studio, weddings, card, jeju, running, done, cancelled]
  switch (scenario) {
    case 'welcome':
    case 'empty':
      return []
    case 'companion':
    case 'up_to_date':
      return all
        .map((plan) =>
          plan === cancelled ? plan : { ...plan, states: plan.kind === 'batch' ? plan.states : DONE },
        )
        .map((plan) => (plan.name === running.name ? { ...plan, states: { confirmed: 1 } } : plan))
    case 'processing':
      return all.map((plan) => ({
        ...plan,
        states: plan === studio || plan === weddings ? { confirmed: 90, uploaded: 10 } : DONE,
      }))
    case 'attention':
      return all.map((plan) =>
        plan === card
          ? { ...plan, state: 'away', notices: [notice.away(card.root)] }
          : plan === weddings
            ? { ...plan, states: TROUBLED, notices: [notice.unreadable(`${HOME}/Weddings 2026/private`)] }
            : plan === jeju
              ? { ...plan, states: { failed: 30, confirmed: 70 } }
              : plan,
      )
    case 'hostile':
      return [
        { ...studio, share: 0.6, states: { ...BUSY, failed: 12, missing: 4 } },
        {
          ...weddings,
          name: '<b onmouseover=alert(2)>bold</b>',
          root: '/home/mina/<script>alert(3)</script>',
          share: 0.2,
        },
        { ...jeju, name: `${'n'.repeat(255)}`, root: `/home/mina/${'deep/'.repeat(80)}`, share: 0.1 },
        { ...running, name: 'gnp.\u202Eexe.right to left\nand a second line', share: 0.1 },
      ]
    case 'everything':
      return all.map((plan) =>
        plan === card
          ? { ...plan, state: 'away', notices: [notice.away(card.root)] }
          : plan === weddings
            ? { ...plan, state: 'paused', states: { ...BUSY, uploading: 0, uploaded: 0 } }
            : plan === studio
              ? { ...plan, scanning: true, states: { ...BUSY, failed: 5, missing: 1 } }
              : plan,
      )
    default:
      return all.map((plan) => (plan === studio ? { ...plan, scanning: true } : plan))
  }
}

export interface World {
  ledger: Ledger
  sources: Source[]
}

export function worldOf(wish: Wish, now: number): World {
  const chance = seeded(20261124)
  const ledger = new Ledger()
  const sources: Source[] = []
  let number = 1
  for (const plan of plans(wish.scenario)) {
    const source = sourceOf(plan, sources.length + 1, now)
    sources.push(source)
    // The last workers' files are few, however long the list is.
    const many = Math.round(wish.files * plan.share)
    for (let left = many; left > 0; left--, number++) {
      const state = stateFor(plan, many - left, chance)
      const hostile = wish.scenario === 'hostile' && plan.name === 'Studio' ? HOSTILE[many - left] : undefined
      addFile(
        ledger,
        source,
        photograph(chance, number),
        state,
        chance,
        now - left * 1300 - (many > 5000 ? 0 : left * 60_000),
        hostile,
        wish.scenario === 'processing',
      )
    }
    addVersions(ledger, source, plan, now)
  }
  ledger.prepare()
  ledger.takeChanges()
  return { ledger, sources }
}

function sourceOf(plan: Plan, id: number, now: number): Source {
  return {
    id,
    kind: plan.kind,
    name: plan.name,
    roots: [plan.root],
    prefix: plan.prefix ?? '',
    include: [],
    exclude: plan.exclude ?? [],
    changed: 'new-version',
    state: plan.state,
    scanning: plan.scanning ?? false,
    notices: plan.notices ?? [],
    scanned_at_ms: plan.scanning ? null : now - 340_000 * id,
  }
}

/** The first of each source show each state; the rest as the plan's shares say, but only few on their way. */
function stateFor(plan: Plan, index: number, chance: Chance): State {
  const shares = (Object.entries(plan.states) as [State, number][]).filter(([, share]) => share > 0)
  const flying = (state: State) => state === 'uploading' || state === 'uploaded'
  if (index < shares.length) return shares[index]![0]
  const calm = shares.filter(([state]) => !flying(state))
  let at = chance() * calm.reduce((sum, [, share]) => sum + share, 0)
  return calm.find(([, share]) => (at -= share) < 0)?.[0] ?? 'confirmed'
}

function addFile(
  ledger: Ledger,
  source: Source,
  file: { path: string; size: number },
  state: State,
  chance: Chance,
  changed: number,
  hostile: string | undefined,
  processing: boolean,
): void {
  const causes = causesOf(state)
  const cause =
    state === 'uploaded' && processing
      ? PENDING
      : source.state === 'cancelled' && state === 'skipped'
        ? CANCELLED
        : causes.length > 0
          ? pick(chance, causes)
          : null
  ledger.add({
    source: source.id,
    path: hostile ?? file.path,
    size: file.size,
    modified: changed - 86_400_000,
    state,
    cause,
    attempts: state === 'waiting' ? 1 + Math.floor(chance() * 5) : state === 'failed' ? 1 : 0,
    changed,
    retryAt: state === 'waiting' ? changed + 3_600_000 * 5 + Math.floor(chance() * 900_000) : null,
    sent: state === 'uploading' ? Math.round(file.size * chance()) : null,
    current: true,
    replaces: null,
  })
}

/** A photo that was edited twice after it was sent. */
function addVersions(ledger: Ledger, source: Source, plan: Plan, now: number): void {
  if (plan.name !== 'Studio') return
  const base = { source: source.id, path: 'Selects/cover.jpg', retryAt: null, sent: null, attempts: 0 }
  const first = ledger.add({
    ...base,
    size: 8_412_001,
    modified: now - 9e8,
    state: 'confirmed',
    cause: null,
    changed: now - 8.9e8,
    current: false,
    replaces: null,
  })
  const second = ledger.add({
    ...base,
    size: 8_633_870,
    modified: now - 6e8,
    state: 'skipped',
    cause: SUPERSEDED,
    changed: now - 5.9e8,
    current: false,
    replaces: first.id,
  })
  ledger.add({
    ...base,
    size: 9_120_455,
    modified: now - 3e8,
    state: 'confirmed',
    cause: null,
    changed: now - 2.9e8,
    current: true,
    replaces: second.id,
    attempts: 2,
  })
}

export const viewOf = (source: Source, ledger: Ledger): SourceView => ({
  ...source,
  totals: ledger.totalsOf(source.id),
})
