// Pictures we drew ourselves, in place of thumbnails. Some rows have none: that address answers 404.

import dunes from './pictures/dunes.svg'
import harbour from './pictures/harbour.svg'
import hills from './pictures/hills.svg'
import portrait from './pictures/portrait.svg'
import night from './pictures/night.svg'
import still from './pictures/still.svg'

const PICTURES = [dunes, harbour, hills, portrait, night, still]

export function thumbnail(row: { id: number; file_id: string }, edge: 'small' | 'large'): string {
  if (row.id % 9 === 8) return `/no-thumbnail/${edge}/${row.id}`
  const mixed = Math.imul(row.id, 2654435761) >>> 8
  return PICTURES[mixed % PICTURES.length]!
}
