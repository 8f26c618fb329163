// The one way from the window to whatever stands behind it: the desktop shell, or the mock in a browser.

import type { Commands, ControlError, WindowEvent } from './protocol'

type Args<Name extends keyof Commands> = Commands[Name]['args']
/** What follows a command's name: nothing, where it takes no arguments. */
export type Arguments<Name extends keyof Commands> =
  Args<Name> extends Record<string, never> ? [] : [Args<Name>]
export type Reply<Name extends keyof Commands> = Commands[Name]['reply']

/** A command failed: a code to go by, words to show, and what to do now. */
export class CommandError extends Error {
  readonly code: string
  readonly hint: string | null

  constructor(error: ControlError) {
    super(error.message)
    this.name = 'CommandError'
    this.code = error.code
    this.hint = error.hint
  }
}

export interface Backend {
  /** Asks for one command. Rejects with a `CommandError`. */
  ask<Name extends keyof Commands>(name: Name, ...args: Arguments<Name>): Promise<Reply<Name>>
  /** Hears what happens until the returned function is called. */
  listen(hear: (event: WindowEvent) => void): Promise<() => void>
  /** Address of a row's thumbnail: at most `edge` CSS pixels wide and high are shown. */
  thumbnail(row: { id: number; file_id: string }, edge: 'small' | 'large'): string
}
