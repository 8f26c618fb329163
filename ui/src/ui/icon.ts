// The markup of an icon. It is made of the constants of the icon library and of nothing else: no text from outside comes here.

import type { IconNode } from 'lucide'

/** The room of an icon, where there is none. */
export const BLANK: IconNode = []

const made = new WeakMap<IconNode, string>()

/** What stands inside the icon's `svg`. */
export function lines(icon: IconNode): string {
  let markup = made.get(icon)
  if (markup === undefined) {
    markup = icon.map(([name, attributes]) => `<${name}${written(attributes)}/>`).join('')
    made.set(icon, markup)
  }
  return markup
}

function written(attributes: IconNode[number][1]): string {
  return Object.entries(attributes)
    .map(([name, value]) => ` ${name}="${value}"`)
    .join('')
}
