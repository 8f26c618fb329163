// What the first picture is made of. In the shell it is asked for before the rest of the page's code has run: the answers come meanwhile.

import { FIRST_PAGE } from '../pages'
import type { Backend } from './port'
import type { Opening, Page, Status } from './protocol'
import { tauri } from './tauri'

export interface First {
  opening: Promise<Opening>
  status: Promise<Status>
  page: Promise<Page>
}

export function askFirst(backend: Backend): First {
  return {
    opening: backend.ask('opening'),
    status: backend.ask('status'),
    page: backend.ask('page', { query: FIRST_PAGE }),
  }
}

export const first: First | null = '__TAURI_INTERNALS__' in window ? askFirst(tauri) : null
