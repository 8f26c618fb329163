// Folders and files that were given, and what lies in them.

import { seeded } from './chance'
import { photograph } from './names'
import type { Given, Measured } from '../protocol'

export type File = { path: string; size: number }

export class GivenThings {
  private next = 1
  private readonly known = new Map<number, { given: Given; files: File[] }>()

  /** Something new is given; members that are not named are those of one folder of photographs. */
  add(like: Partial<Given> & { holds?: number } = {}): Given {
    const id = this.next++
    const { holds = 24, ...named } = like
    const given: Given = {
      id,
      name: '2026-11-24 Jeju',
      folders: 1,
      files: 0,
      paths: ['/home/mina/Pictures/2026-11-24 Jeju'],
      can_watch: true,
      ...named,
    }
    given.id = id
    const chance = seeded(id * 31)
    const files = Array.from({ length: holds }, (_, at) => photograph(chance, 90_000 + id * 100 + at))
    this.known.set(id, { given, files })
    return given
  }

  get(id: number): { given: Given; files: File[] } | undefined {
    return this.known.get(id)
  }

  forget(id: number): void {
    this.known.delete(id)
  }
}

export const measure = (files: File[]): Measured => ({
  files: files.length,
  bytes: files.reduce((sum, file) => sum + file.size, 0),
  complete: true,
})
