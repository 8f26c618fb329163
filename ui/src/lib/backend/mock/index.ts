// A backend for the browser: the whole window runs on it, for development and for tests, with no shell behind it.

import { BrowserSignIns, type BrowserAnswer } from './browser'
import { answers } from './commands'
import { Engine } from './engine'
import { GivenThings } from './given'
import { setInMotion } from './motion'
import { settingsOf, STILL_MOMENT, wishOf, worldOf, type Wish } from './scene'
import { thumbnail } from './thumbnails'
import { CommandError, type Backend } from '../port'
import type {
  Commands,
  ControlError,
  Given,
  Health,
  Opening,
  Stage,
  WindowEvent,
  WindowSettings,
} from '../protocol'

export { SCENARIOS, STILL_MOMENT, type Scenario } from './scene'
export { HOSTILE } from './names'

export interface Asked {
  name: keyof Commands
  args: unknown
  /** How long the answer took, milliseconds. */
  took: number
}

/** What tests reach behind the window with. */
export interface Hooks {
  emit(event: WindowEvent): void
  /** Something is dropped on the window. */
  drop(given?: Partial<Given> & { holds?: number }): Given
  /** Something is held over the window; `null`: no longer. */
  hover(count: number | null): void
  /** `null`: as the ledger says. */
  setHealth(health: Health | null): void
  setStage(stage: Stage): void
  /** Settings change elsewhere: in another window, or by the command line. */
  change(settings: Partial<WindowSettings>): void
  /** The next `times` calls of this command fail so; `null`: they succeed again. */
  fail(command: keyof Commands, error: ControlError | null, times?: number): void
  /** Calls of this command wait from now on, until it is released. */
  hold(command: keyof Commands): void
  release(command: keyof Commands): void
  /** The person answers in the browser. */
  answerSignIn(answer: BrowserAnswer): void
  /** A sign-in waits for the person's answer. */
  signInWaits(): boolean
  readonly log: Asked[]
}

declare global {
  interface Window {
    offloadMock?: Hooks
  }
}

function stageOf(wish: Wish): Stage {
  switch (wish.scenario) {
    case 'welcome':
      return { stage: 'welcome' }
    case 'starting':
      return { stage: 'starting' }
    case 'elsewhere':
      return { stage: 'elsewhere' }
    case 'broken':
      return {
        stage: 'broken',
        with: {
          code: 'ledger_damaged',
          message:
            'the ledger /home/mina/.local/share/offload/ledger.db is damaged: database disk image is malformed',
          hint: 'move it away and start again: what is in S3 already is recognised by the backend; the photos themselves are untouched',
        },
      }
    default:
      return { stage: 'ready' }
  }
}

/** As JSON brings it to another process and back. */
const crossed = <Value>(value: Value): Value => JSON.parse(JSON.stringify(value)) as Value

/** A backend as the query of an address wishes it, and the hooks behind it. */
export function createMock(search: string): { backend: Backend; hooks: Hooks } {
  const wish = wishOf(search)
  const now = wish.still ? () => STILL_MOMENT : () => Date.now()
  const listeners = new Set<(event: WindowEvent) => void>()
  const tell = (event: WindowEvent) => {
    for (const hear of [...listeners]) hear(crossed(event))
  }
  const engine = new Engine(wish, worldOf(wish, now()), settingsOf(wish), now, tell)
  const given = new GivenThings()
  const browser = new BrowserSignIns()
  const held = new Map<keyof Commands, Promise<void>>()
  const releases = new Map<keyof Commands, () => void>()
  const failing = new Map<keyof Commands, { error: ControlError; times: number }>()
  const log: Asked[] = []
  let stage = stageOf(wish)

  const setStage = (next: Stage) => {
    stage = next
    tell({ window: 'stage', with: next })
  }
  const opening = (): Opening => ({
    stage,
    version: '0.1.0',
    backend: engine.backend,
    auth_scheme: 'Bearer',
    protocol: engine.protocol,
    token_from_environment: false,
    data_dir: '/home/mina/.local/share/offload',
    settings: engine.settings,
    speaks: engine.settings.language === 'ko' ? 'ko' : 'en',
  })
  const answer = answers({
    engine,
    given,
    opening,
    browser,
    scenario: wish.scenario,
    ready: () => stage.stage === 'ready' || setStage({ stage: 'ready' }),
  })
  if (!wish.still) setInMotion(engine, now, tell)

  const backend: Backend = {
    async ask(name, ...args) {
      const began = performance.now()
      const asked: Asked = { name, args: crossed(args[0] ?? {}), took: 0 }
      log.push(asked)
      // A command crosses to another process: its answer never comes in the same turn.
      await Promise.resolve()
      await held.get(name)
      const failure = failing.get(name)
      if (failure !== undefined) {
        if (--failure.times <= 0) failing.delete(name)
        throw new CommandError(failure.error)
      }
      const run = answer[name] as (args: unknown) => Commands[typeof name]['reply']
      const reply = crossed(await run(crossed(asked.args)))
      asked.took = performance.now() - began
      return reply
    },
    async listen(hear) {
      listeners.add(hear)
      return () => void listeners.delete(hear)
    },
    thumbnail,
  }

  const hooks: Hooks = {
    emit: tell,
    drop(like) {
      const thing = given.add(like)
      tell({ window: 'hover', with: null })
      tell({ window: 'given', with: thing })
      return thing
    },
    hover: (count) => tell({ window: 'hover', with: count }),
    setHealth(health) {
      engine.forced = health
      engine.standing()
    },
    setStage,
    change(settings) {
      engine.settings = { ...engine.settings, ...settings }
      tell({ window: 'settings', with: engine.settings })
    },
    fail(command, error, times = 1) {
      if (error === null) failing.delete(command)
      else failing.set(command, { error, times })
    },
    hold(command) {
      held.set(command, new Promise((release) => releases.set(command, release)))
    },
    release(command) {
      held.delete(command)
      releases.get(command)?.()
    },
    answerSignIn: (answer) => browser.answer(answer),
    signInWaits: () => browser.waits,
    log,
  }
  return { backend, hooks }
}

/** The backend that this page's address asks for; its hooks are `window.offloadMock`. */
export function mock(): Backend {
  const { backend, hooks } = createMock(window.location.search)
  window.offloadMock = hooks
  return backend
}
