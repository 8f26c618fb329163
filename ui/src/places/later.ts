// What the first list doesn't need: read when it is wanted, or when nothing else is left to do.

import { drawMenu } from '../ui/menu'

export const later = {
  menu: drawMenu,
  attention: () => import('./Attention.svelte'),
  checkup: () => import('./Checkup.svelte'),
  dialogs: () => import('./Dialogs.svelte'),
  settings: () => import('./Settings.svelte'),
  story: () => import('./Story.svelte'),
  welcome: () => import('./Welcome.svelte'),
}

/** Reads it all, so that nothing is waited for later. */
export async function readAhead(): Promise<void> {
  for (const part of Object.values(later)) await part()
}
