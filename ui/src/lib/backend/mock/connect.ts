// What connecting answers, by what was typed. The words are the engine's.

import type { Cause } from './causes'

const ODD_PLACE = 'an address looks like https://photos.example.com/offload'
const odd = (why: string): Cause => ({
  code: 'backend_answer',
  reason: `the backend's address ${why}`,
  hint: ODD_PLACE,
})
const isLoopback = (host: string): boolean => host === 'localhost' || host === '127.0.0.1' || host === '[::1]'

/** The address as it is kept, or why it can't be one. */
export function readAddress(text: string): string | Cause {
  let url: URL
  try {
    url = new URL(text.trim())
  } catch {
    return odd('is no web address')
  }
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
    return odd('has to begin with https: the token would be readable on the way')
  }
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return odd('has to begin with https://')
  if (url.username !== '' || url.password !== '') return odd('must not have a user or password in it')
  if (url.search !== '' || url.hash !== '') return odd('must not have ? or # in it')
  return url.href.replace(/\/$/, '')
}

/** Why the backend at this address refuses this token; `null`: it takes it. */
export function refusal(address: string, token: string): Cause | null {
  const host = new URL(address).hostname
  if (host.startsWith('html.')) {
    return {
      code: 'backend_answer',
      reason: 'the backend answered with a web page instead of JSON',
      hint: 'a proxy or a sign-in page of the network may have answered instead of the backend: open its address in a browser',
    }
  }
  if (host.startsWith('empty.')) {
    return {
      code: 'backend_answer',
      reason: 'the backend has no such endpoint (404)',
      hint: "check the backend's address: Offload puts /v1/… after it",
    }
  }
  if (host.startsWith('down.')) {
    return {
      code: 'unreachable',
      reason: `${host}:443 can't be reached: Connection refused (os error 111)`,
      hint: 'check the network connection',
    }
  }
  if (host.startsWith('cert.')) {
    return {
      code: 'bad_certificate',
      reason: `the certificate of ${host}:443 does not hold: invalid peer certificate: UnknownIssuer`,
      hint: "check this machine's clock, and whether a proxy or virus scanner stands in between; a private certificate authority has to be installed in the system",
    }
  }
  switch (token.trim()) {
    case '':
      return { code: 'signed_out', reason: 'nobody is signed in', hint: 'sign in' }
    case 'wrong':
      return {
        code: 'signed_out',
        reason: 'the backend does not accept the token (401: Invalid token.)',
        hint: 'sign in again',
      }
    case 'denied':
      return {
        code: 'signed_out',
        reason: 'the backend denies access (403)',
        hint: "the token lacks the rights: ask the backend's owner, or sign in with another account",
      }
    case 'locked':
      return {
        code: 'signed_out',
        reason: 'the keyring is locked',
        hint: 'Unlock the keyring and try again, or set OFFLOAD_TOKEN in the environment.',
      }
    default:
      return null
  }
}
