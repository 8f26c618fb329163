/** Puts a text on the clipboard; the older way where the newer one is not there or not allowed. */
export async function copyText(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text)
    return
  } catch (error) {
    const area = document.createElement('textarea')
    area.value = text
    area.className = 'unseen'
    const before = document.activeElement
    document.body.append(area)
    area.select()
    const done = document.execCommand('copy')
    area.remove()
    if (before instanceof HTMLElement) before.focus()
    if (!done) throw error
  }
}
