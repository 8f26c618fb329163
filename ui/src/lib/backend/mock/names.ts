// Names of photographs, as cameras and people give them, and as nobody should.

import { pick, type Chance } from './chance'

const FOLDERS = [
  '2026-11-21 Kim & Park wedding',
  '2026-11-21 Kim & Park wedding/Selects',
  '2026-11-18 Lee portraits',
  '2026-11-12 Autumn catalogue/Raw',
  '2026-11-12 Autumn catalogue/Retouched',
  '2026-10-30 한강 야경',
  '2026-10-30 한강 야경/보정본',
  '2026-10-04 Jeju',
  '100CANON',
  '101CANON',
]
const CAMERAS = ['DSC', 'IMG_', '_MG_', 'DJI_', 'P10'] as const
const KINDS: readonly { ending: string; from: number; to: number; share: number }[] = [
  { ending: 'ARW', from: 24e6, to: 48e6, share: 0.42 },
  { ending: 'JPG', from: 4e6, to: 14e6, share: 0.36 },
  { ending: 'CR3', from: 22e6, to: 38e6, share: 0.1 },
  { ending: 'HEIC', from: 1.8e6, to: 4e6, share: 0.06 },
  { ending: 'MP4', from: 60e6, to: 320e6, share: 0.03 },
  { ending: 'xmp', from: 4e3, to: 11e3, share: 0.03 },
]

export function photograph(chance: Chance, number: number): { path: string; size: number } {
  let share = chance()
  const kind = KINDS.find((kind) => (share -= kind.share) < 0) ?? KINDS[0]!
  const name = `${pick(chance, CAMERAS)}${String(number).padStart(5, '0')}.${kind.ending}`
  return {
    path: `${pick(chance, FOLDERS)}/${name}`,
    size: Math.round(kind.from + chance() * (kind.to - kind.from)),
  }
}

/** Names that tried to break out of their place in other programs. */
export const HOSTILE: readonly string[] = [
  '<img src=x onerror=alert(1)>.jpg',
  '"><script>alert(1)</script>.jpg',
  "javascript:alert('x').jpg",
  'invoice\u202Egpj.exe',
  '\u2066photo\u2069 \u200Fright to left\u200F.jpg',
  `${'w'.repeat(251)}.jpg`,
  `${'가'.repeat(83)}.jpg`,
  'two\nlines\nand three.jpg',
  'tab\tand\rreturn.jpg',
  '\\xFFnot utf-8\\xFE.jpg',
  '👩‍👩‍👧‍👦📷🏳️‍🌈.jpg',
  'Z\u0351\u036B\u0343\u036A\u0302\u036B\u033D\u034F\u0334\u0319\u0324\u031E\u0349\u035A\u032F\u031E\u0320\u034Dalgo.jpg',
  '한글 파일 이름 아주 길게 쓴 결혼식 원본 사진 최종 진짜최종.jpg',
  'שלום עולם.jpg',
  'مرحبا بالعالم.jpg',
  '   leading and trailing   ',
  '.hidden-no-ending',
  '{{ 7 * 7 }} ${alert(1)} {@html 1}.jpg',
  '&lt;b&gt;bold&lt;/b&gt; &amp; &#x41;.jpg',
  `${'deep/'.repeat(60)}end of a long way.jpg`,
  '%00%2e%2e%2f.jpg',
  'O\'Brien "best of" `2026`.jpg',
  '\u{1F600}'.repeat(60),
  'a.jpg?x=<b>#y',
]
