// The backend's address as people type it.

export type AddressFault = 'empty' | 'not_an_address' | 'scheme'

/** The address with its scheme: `https://` where none was given, `http://` where the person wrote that. */
export function readAddress(typed: string): { address: string } | { fault: AddressFault } {
  const text = typed.trim()
  if (text === '') return { fault: 'empty' }
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase()
  if (scheme !== undefined && scheme !== 'https' && scheme !== 'http') return { fault: 'scheme' }
  const whole = scheme === undefined ? `https://${text}` : text
  let url: URL
  try {
    url = new URL(whole)
  } catch {
    return { fault: 'not_an_address' }
  }
  if (url.hostname === '' || /\s/.test(text) || url.username !== '' || url.password !== '') {
    return { fault: 'not_an_address' }
  }
  return { address: whole.replace(/\/+$/, '') }
}

/** Which field of the form an error of `connect` is about. */
export function faultyField(code: string): 'address' | 'token' | 'scheme' | null {
  if (/token|signed_out|unauth|secret|keyring/.test(code)) return 'token'
  if (/scheme/.test(code)) return 'scheme'
  if (
    /backend|endpoint|redirected|address|url|unreachable|certificate|config|stalled|dropped|busy|session/.test(
      code,
    )
  )
    return 'address'
  return null
}
