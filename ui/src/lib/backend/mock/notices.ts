// Notices of sources as the engine gives them.

import type { Notice } from '../protocol'

export const leftOut = (hidden: number, system: number): Notice => ({
  code: 'left_out',
  text: `left out: ${hidden} hidden, ${system} system file`,
  args: {
    total: String(hidden + system),
    hidden: String(hidden),
    temporary: '0',
    system: String(system),
    partial_download: '0',
    excluded: '0',
    not_included: '0',
  },
})

export const away = (path: string): Notice => ({
  code: 'away',
  text: `the folder ${path} isn't there: unplugged, renamed or deleted`,
  args: { path, why: "isn't there: unplugged, renamed or deleted", kind: 'missing' },
})

export const polling = (path: string): Notice => ({
  code: 'polling',
  text: 'The folder lies on a network share: what other machines change there is found by looking through it every few minutes.',
  args: { path, why: 'it lies on a network share', kind: 'remote_share' },
})

export const unreadable = (path: string): Notice => ({
  code: 'unreadable',
  text: `the folder ${path} cannot be read: Permission denied`,
  args: { path, why: 'Permission denied', kind: 'unreadable' },
})

/** What a backend that speaks Companion's protocol cannot promise. */
export const CAVEATS: Notice[] = [
  {
    code: 'unconfirmed',
    text: 'this backend confirms nothing: green means that S3 took the file with a matching checksum, not that your studio knows of it',
    args: {},
  },
  {
    code: 'keys_change',
    text: "this backend may name another key each time it is asked: where an upload's answer is lost, a second copy of the file can be left in the bucket",
    args: {},
  },
]
