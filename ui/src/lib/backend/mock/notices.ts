// Notices of sources as the engine gives them.

import type { Notice } from './coming'

export const leftOut = (hidden: number, system: number): Notice => ({
  code: 'left_out',
  text: `left out: ${hidden} hidden, ${system} system file`,
  args: { hidden: String(hidden), system: String(system) },
})

export const away = (): Notice => ({
  code: 'away',
  text: "The folder isn't there: unplugged, renamed or deleted. It goes on when it is back.",
  args: { why: "isn't there: unplugged, renamed or deleted" },
})

export const polling = (): Notice => ({
  code: 'polling',
  text: 'The folder lies on a network share: what other machines change there is found by looking through it every few minutes.',
  args: {},
})

export const unreadable = (path: string): Notice => ({
  code: 'unreadable',
  text: `${path} cannot be read: Permission denied`,
  args: { path, why: 'Permission denied' },
})
