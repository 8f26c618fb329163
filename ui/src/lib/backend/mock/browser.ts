// A sign-in by a browser, as far as a window sees of it: a code, and the person's answer.

import { CommandError } from '../port'
import type { BrowserCode, ControlError } from '../protocol'

const cancelled: ControlError = {
  code: 'sign_in_cancelled',
  message: 'the sign-in was given up',
  hint: null,
}
const HINT = 'begin the sign-in once more'
const REFUSED: ControlError = {
  code: 'sign_in_refused',
  message: 'the sign-in was refused in the browser',
  hint: HINT,
}
const EXPIRED: ControlError = {
  code: 'sign_in_expired',
  message: 'nobody approved the sign-in in time',
  hint: HINT,
}

/** What becomes of the sign-in that waits. */
export type BrowserAnswer = 'approved' | 'refused' | 'expired'

export const offersBrowser = (address: string): boolean =>
  /^(browser|typed)\./.test(new URL(address).hostname)

export class BrowserSignIns {
  #waiting: { backend: string; settle: (end: ControlError | null) => void; done: Promise<string> } | null =
    null

  begin(backend: string): BrowserCode {
    this.cancel()
    let settle: (end: ControlError | null) => void = () => {}
    const done = new Promise<string>((resolve, reject) => {
      settle = (end) => (end === null ? resolve(backend) : reject(new CommandError(end)))
    })
    // Nobody may have come to wait for it when it is given up.
    done.catch(() => {})
    this.#waiting = { backend, settle, done }
    const typed = new URL(backend).hostname.startsWith('typed.')
    const page = 'https://accounts.studio-han.example/device'
    return {
      user_code: 'WDJB-MJHT',
      page: typed ? page : `${page}?user_code=WDJB-MJHT`,
      host: 'accounts.studio-han.example',
      code_in_page: !typed,
      expires_in_s: 600,
    }
  }

  get waits(): boolean {
    return this.#waiting !== null
  }

  /** The backend's address, once the person has approved. */
  finish(): Promise<string> {
    return this.#waiting?.done ?? Promise.reject(new CommandError(cancelled))
  }

  answer(answer: BrowserAnswer) {
    this.#end(answer === 'approved' ? null : answer === 'refused' ? REFUSED : EXPIRED)
  }

  cancel() {
    this.#end(cancelled)
  }

  #end(end: ControlError | null) {
    this.#waiting?.settle(end)
    this.#waiting = null
  }
}
