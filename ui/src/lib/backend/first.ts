// What the first picture is made of, asked for before the rest of the page's code has run: the answer comes meanwhile.

import type { FirstPicture } from './protocol'
import { tauri } from './tauri'

export const first: Promise<FirstPicture> | null =
  '__TAURI_INTERNALS__' in window ? tauri.ask('first_picture') : null
