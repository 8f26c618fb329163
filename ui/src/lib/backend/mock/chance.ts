// Numbers that look random and are the same on every run.

export type Chance = () => number

/** Numbers from 0 to below 1 (mulberry32). */
export function seeded(seed: number): Chance {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

export function pick<Item>(chance: Chance, items: readonly Item[]): Item {
  const item = items[Math.floor(chance() * items.length)]
  if (item === undefined) throw new Error('nothing to pick from')
  return item
}

/** Hex digits that belong to a number: digests, keys, file ids. */
export function hex(of: number, digits: number): string {
  const chance = seeded(of * 2654435761)
  let text = ''
  while (text.length < digits)
    text += Math.floor(chance() * 0x10000)
      .toString(16)
      .padStart(4, '0')
  return text.slice(0, digits)
}

/** A file id as the ledger gives them (UUID version 7). */
export function fileId(of: number): string {
  const digits = hex(of, 32)
  return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-7${digits.slice(13, 16)}-a${digits.slice(17, 20)}-${digits.slice(20)}`
}
