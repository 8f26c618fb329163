// File names are text from outside: shown whole, in their own direction, with nothing hidden in them.

// Characters that change how others are shown, or show nothing: a name must not pass for another.
const INVISIBLE =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/gu

/** The name with control characters made visible: a line break as `⏎`, a right-to-left override as `‹202E›`. */
export function visible(name: string): string {
  return name.replace(INVISIBLE, (character) => {
    const code = character.charCodeAt(0)
    // The pictures of the other control characters are in few fonts.
    if (character === '\n') return '⏎'
    // Between two letters of a script that needs it, a joiner is part of the writing and of emoji.
    if (code === 0x200c || code === 0x200d) return character
    return `‹${code.toString(16).toUpperCase().padStart(4, '0')}›`
  })
}

/** Folder (empty for none) and name of a path inside a source. */
export function split(path: string): { folder: string; name: string } {
  const cut = path.lastIndexOf('/')
  return cut < 0 ? { folder: '', name: path } : { folder: path.slice(0, cut), name: path.slice(cut + 1) }
}

const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' })

/** Cuts off the last `length` characters (as people see them), so that the beginning can give way alone. */
export function ends(text: string, length: number): { head: string; tail: string } {
  // Too little would be left to give way.
  if (text.length <= length + 3) return { head: text, tail: '' }
  // Characters at the end lie in a bounded number of code units, except in names made to break this.
  const window = text.slice(-length * 12)
  const parts = Array.from(segmenter.segment(window), (part) => part.segment)
  const tail = parts.slice(-length).join('')
  return { head: text.slice(0, text.length - tail.length), tail }
}

/** Extension in lower case, without its dot. */
export function extension(path: string): string {
  const { name } = split(path)
  const dot = name.lastIndexOf('.')
  return dot > 0 ? name.slice(dot + 1).toLowerCase() : ''
}

const RAW = 'cr2 cr3 crw nef nrw arw srf sr2 raf orf rw2 pef dng raw rwl 3fr fff iiq x3f srw erf mef mos gpr'
const PHOTO = 'jpg jpeg jpe heic heif avif png gif webp tif tiff bmp psd psb jxl'
const VIDEO = 'mp4 mov m4v avi mts m2ts mkv webm mxf braw r3d 3gp'

export type FileKind = 'photo' | 'raw' | 'video' | 'other'

const KINDS = new Map<string, FileKind>(
  (
    [
      [RAW, 'raw'],
      [PHOTO, 'photo'],
      [VIDEO, 'video'],
    ] as const
  ).flatMap(([words, kind]) => words.split(' ').map((word) => [word, kind] as const)),
)

/** What kind of picture to show where there is no thumbnail. */
export function kindOf(path: string): FileKind {
  return KINDS.get(extension(path)) ?? 'other'
}

/** A prefix as the bucket has it: no slashes at its ends, none doubled. */
export function tidyPrefix(prefix: string): string {
  return prefix
    .split('/')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .join('/')
}
