import type { IconNode } from 'lucide'

/** One line of a menu. */
export interface Entry {
  label: string
  icon?: IconNode
  /** Words at the end of the line. */
  beside?: string
  danger?: boolean
  disabled?: boolean
  run: () => void
}

/** Lines, with `null` for a line between groups. */
export type Entries = readonly (Entry | null)[]

/** How a menu was opened: what opened it, and where it comes up. */
export interface Opening {
  by: HTMLElement
  /** By key: the first line has the focus. */
  keyboard: boolean
  /** At a point, not beside what opened it. */
  point?: { x: number; y: number }
}

/** What draws an open menu: the window starts without it. */
export const drawMenu = () => import('./OpenMenu.svelte')
