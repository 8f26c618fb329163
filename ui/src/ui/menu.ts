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
