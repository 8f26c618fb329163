import type { Component } from 'svelte'

/** One line of a menu. */
export interface Entry {
  label: string
  icon?: Component<{ size?: number }>
  /** Words at the end of the line. */
  beside?: string
  danger?: boolean
  disabled?: boolean
  run: () => void
}

/** Lines, with `null` for a line between groups. */
export type Entries = readonly (Entry | null)[]
