// Where the window stands: its stage, who is connected, and the settings of this machine.

import { MediaQuery } from 'svelte/reactivity'
import type { Backend } from '../backend/port'
import type {
  BackendProtocol,
  BrowserCode,
  Connected,
  Connection,
  Language,
  Opening,
  Stage,
  Tongue,
  WindowSettings,
} from '../backend/protocol'
import { texts } from '../text/texts.svelte'

export class Session {
  opening = $state.raw<Opening | null>(null)
  stage = $state.raw<Stage>({ stage: 'starting' })
  settings = $state.raw<WindowSettings | null>(null)
  /** The first folder is still to be chosen: the second step of the first run. */
  firstFolder = $state(false)

  readonly #backend: Backend
  #stageTold = false
  readonly #dark = new MediaQuery('(prefers-color-scheme: dark)', false)
  /** What "as the system" comes to. */
  #systemTongue: Tongue = 'en'

  constructor(backend: Backend) {
    this.#backend = backend
  }

  get dark(): boolean {
    const appearance = this.settings?.appearance ?? 'system'
    return appearance === 'system' ? this.#dark.current : appearance === 'dark'
  }

  open(opening: Opening) {
    if (opening.settings.language === 'system') this.#systemTongue = opening.speaks
    else this.#systemTongue = systemTongue(navigator.languages)
    this.opening = opening
    // What was told since is younger.
    if (!this.#stageTold) this.stage = opening.stage
    this.adopt(opening.settings)
    texts.speak(opening.speaks)
  }

  hearStage(stage: Stage) {
    this.#stageTold = true
    this.stage = stage
  }

  /** Asks again what cannot be heard: the address after another process connected. */
  async reopen(): Promise<void> {
    this.opening = await this.#backend.ask('opening')
  }

  adopt(settings: WindowSettings) {
    this.settings = settings
    texts.speak(this.tongueOf(settings.language))
  }

  tongueOf(language: Language): Tongue {
    return language === 'system' ? this.#systemTongue : language
  }

  async connect(connection: Connection): Promise<Connected> {
    const connected = await this.#backend.ask('connect', { connection })
    await this.reopen()
    return connected
  }

  /** Whether one may sign in at this backend by a browser. */
  async offersBrowser(backend: string, protocol: BackendProtocol): Promise<boolean> {
    return (await this.#backend.ask('sign_in_ways', { backend, protocol })).browser
  }

  beginBrowser(connection: Connection): Promise<BrowserCode> {
    return this.#backend.ask('begin_browser_sign_in', { connection })
  }

  async openSignInPage(): Promise<void> {
    await this.#backend.ask('open_sign_in_page')
  }

  async finishBrowser(): Promise<Connected> {
    const connected = await this.#backend.ask('finish_browser_sign_in')
    await this.reopen()
    return connected
  }

  async cancelBrowser(): Promise<void> {
    await this.#backend.ask('cancel_browser_sign_in')
  }

  async signOut(): Promise<void> {
    await this.#backend.ask('sign_out')
    await this.reopen()
  }

  /** What was kept is what counts: the answer replaces what was asked for. */
  async change(part: Partial<WindowSettings>): Promise<void> {
    const before = this.settings
    if (before === null) return
    const wanted = { ...before, ...part }
    this.adopt(wanted)
    try {
      this.adopt(await this.#backend.ask('change_settings', { settings: wanted }))
    } catch (error) {
      this.adopt(before)
      throw error
    }
  }
}

function systemTongue(languages: readonly string[]): Tongue {
  for (const language of languages) {
    const tongue = language.slice(0, 2).toLowerCase()
    if (tongue === 'ko' || tongue === 'en') return tongue
  }
  return 'en'
}
