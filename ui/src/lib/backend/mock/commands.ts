// Every command of the window, answered by the simulated engine.

import { offersBrowser, type BrowserSignIns } from './browser'
import { asError, type Cause } from './causes'
import { checkupOf } from './checkup'
import { readAddress, refusal } from './connect'
import type { Engine } from './engine'
import { measure, type GivenThings } from './given'
import { viewOf } from './scene'
import { storyOf } from './story'
import { CommandError } from '../port'
import {
  FIRST_PAGE,
  type Commands,
  type ControlError,
  type Opening,
  type Taking,
  type WindowSettings,
} from '../protocol'

export type Answers = {
  [Name in keyof Commands]: (
    args: Commands[Name]['args'],
  ) => Commands[Name]['reply'] | Promise<Commands[Name]['reply']>
}

export interface Behind {
  engine: Engine
  given: GivenThings
  opening: () => Opening
  browser: BrowserSignIns
  scenario: string
  /** The engine is there now, after a first connect. */
  ready: () => void
}

const refuse = (error: ControlError): never => {
  throw new CommandError(error)
}
const refuseFor = (cause: Cause): never => refuse(asError(cause))
const noSource = (id: number): never =>
  refuse({
    code: 'no_such_source',
    message: `no source has the number ${id}`,
    hint: '`offload sources` lists them',
  })

export function answers({ engine, given, opening, browser, scenario, ready }: Behind): Answers {
  const knownSource = (id: number) => engine.source(id) ?? noSource(id)
  const knownGiven = (id: number) =>
    given.get(id) ?? refuse({ code: 'nothing', message: 'nothing was given', hint: null })

  return {
    first_picture() {
      const now = opening()
      const runs = now.stage.stage === 'ready'
      return {
        opening: now,
        status: runs ? engine.status() : null,
        page: runs ? engine.ledger.page(FIRST_PAGE) : null,
      }
    },
    opening,
    connect({ connection }) {
      const address = readAddress(connection.backend)
      if (typeof address !== 'string') return refuseFor(address)
      const free = connection.protocol === 'companion' && connection.token.trim() === ''
      const why = refusal(address, free ? 'none' : connection.token)
      if (why !== null) return refuseFor(why)
      engine.signIn(address, connection.protocol)
      ready()
      return { backend: address, account: engine.account }
    },
    sign_in_ways({ backend, protocol }) {
      const address = readAddress(backend)
      if (typeof address !== 'string') return refuseFor(address)
      const why = refusal(address, 'none')
      // It may have no session, and still sign.
      if (why !== null && why.code !== 'backend_answer') return refuseFor(why)
      return { browser: protocol === 'offload' && offersBrowser(address) }
    },
    begin_browser_sign_in({ connection }) {
      const address = readAddress(connection.backend)
      if (typeof address !== 'string') return refuseFor(address)
      return browser.begin(address)
    },
    open_sign_in_page: () => null,
    async finish_browser_sign_in() {
      const address = await browser.finish()
      engine.signIn(address, 'offload')
      ready()
      return { backend: address, account: engine.account }
    },
    cancel_browser_sign_in() {
      browser.cancel()
      return null
    },
    sign_out() {
      engine.signOut()
      return null
    },
    status: () => engine.status(),
    page: ({ query }) => engine.ledger.page(query),
    rows: ({ ids }) => engine.ledger.rows(ids),
    story: ({ id }) => storyOf(engine, id),
    choose: ({ folders }) =>
      given.add(
        folders
          ? {}
          : {
              folders: 0,
              files: 3,
              holds: 3,
              name: '2026-11-24 10.00',
              can_watch: false,
              paths: ['DSC04512.ARW', 'DSC04513.ARW', 'DSC04514.ARW'].map(
                (name) => `/home/mina/Desktop/${name}`,
              ),
            },
      ),
    measure: ({ given: id }) => measure(knownGiven(id).files),
    take({ taking }) {
      checkGlobs(taking)
      const { given: what, files } = knownGiven(taking.given)
      given.forget(taking.given)
      return engine.add(
        {
          kind: taking.watch ? 'watched' : 'batch',
          name: what.name,
          roots: what.paths,
          prefix: taking.prefix.replace(/^\/+|\/+$/g, ''),
          include: taking.include,
          exclude: taking.exclude,
          changed: taking.changed,
          state: 'active',
          scanning: false,
          notices: [],
          scanned_at_ms: null,
        },
        files,
      )
    },
    leave({ given: id }) {
      given.forget(id)
      return null
    },
    edit_source({ edit }) {
      const source = knownSource(edit.id)
      checkGlobs(edit)
      if (edit.name.trim() === '')
        return refuse({ code: 'refused', message: 'a source needs a name', hint: null })
      Object.assign(source, { ...edit, prefix: edit.prefix.replace(/^\/+|\/+$/g, '') })
      engine.standing()
      return viewOf(source, engine.ledger)
    },
    remove_source({ id }) {
      knownSource(id)
      engine.remove(id)
      return null
    },
    cancel_batch({ id }) {
      knownSource(id)
      engine.cancel(id)
      return null
    },
    pause({ scope, until_ms }) {
      engine.pause(scope, until_ms)
      return null
    },
    resume({ scope }) {
      engine.resume(scope)
      return null
    },
    retry: ({ what }) => engine.retry(what),
    dismiss: ({ what }) => engine.dismiss(what),
    rescan() {
      engine.standing()
      return null
    },
    settings: () => engine.settings,
    change_settings({ settings }) {
      engine.settings = kept(settings)
      engine.standing()
      return engine.settings
    },
    reveal: () => null,
    open_logs: () => null,
    copy_diagnostics: () =>
      `Offload 0.1.0\nbackend: ${engine.backend}\nfiles: ${engine.ledger.entries.length}\n`,
    doctor: ({ probe }) => checkupOf(engine, scenario, probe),
    quit: () => null,
    painted: () => null,
  }
}

function checkGlobs({ include, exclude }: Pick<Taking, 'include' | 'exclude'>): void {
  const bad = [...include, ...exclude].find((glob) => glob.includes('[') && !glob.includes(']'))
  if (bad === undefined) return
  refuse({
    code: 'bad_glob',
    message: `error parsing glob '${bad}': unclosed character class; missing ']'`,
    hint: 'globs look like `*.jpg` or `raw/**`',
  })
}

function kept(settings: WindowSettings): WindowSettings {
  return { ...settings, concurrency: Math.min(64, Math.max(1, Math.round(settings.concurrency))) }
}
