// What a checkup found, in the order in which a person reads it, and as text for whoever builds the backend.

import type { About, Checkup, Finding, Mend, Stack, Verdict } from './backend/protocol'

export const ABOUTS: readonly About[] = ['machine', 'backend', 'sign_in', 'signature', 'probe']
/** What needs somebody first. */
const ORDER: readonly Verdict[] = ['problem', 'unknown', 'note', 'good']

export interface Group {
  about: About
  /** What is not simply in order, the worst first. */
  telling: Finding[]
  good: Finding[]
}

export function grouped(checkup: Checkup): Group[] {
  const rank = (finding: Finding) => ORDER.indexOf(finding.verdict)
  return ABOUTS.map((about) => {
    const findings = checkup.findings.filter((finding) => finding.about === about)
    return {
      about,
      telling: findings
        .filter((finding) => finding.verdict !== 'good')
        .sort((one, other) => rank(one) - rank(other)),
      good: findings.filter((finding) => finding.verdict === 'good'),
    }
  }).filter((group) => group.telling.length + group.good.length > 0)
}

export const problems = (checkup: Checkup): number =>
  checkup.findings.filter((finding) => finding.verdict === 'problem').length

/** What the person at this machine does, and what is for the backend's developer. */
export function mendsOf(finding: Finding): { anyone: Mend[]; stacks: Mend[] } {
  return {
    anyone: finding.mends.filter((mend) => mend.with === 'anyone'),
    stacks: finding.mends.filter((mend) => mend.with !== 'anyone'),
  }
}

// English in every tongue: it goes to a developer, beside the engine's own words.
const HEADINGS: Record<About, string> = {
  machine: 'This machine',
  backend: 'The backend',
  sign_in: 'Who may ask',
  signature: 'What it signs',
  probe: 'A file that was really sent',
}
const VERDICTS: Record<Verdict, string> = { good: 'ok', note: 'note', problem: 'PROBLEM', unknown: '?' }
const STACKS: Record<Stack, string> = {
  anyone: 'mend',
  django: 'Django',
  js: 'JavaScript',
  companion: 'Companion',
}

/** The whole as plain text, as `offload doctor` writes it. */
export function plainText(checkup: Checkup, version: string, at_ms: number): string {
  const parts = [
    `Offload ${version} · ${new Date(at_ms).toISOString()}`,
    `backend: ${checkup.backend ?? 'none'}`,
    '',
  ]
  for (const { about, telling, good } of grouped(checkup)) {
    parts.push(HEADINGS[about])
    for (const finding of [...telling, ...good]) {
      parts.push(`  ${VERDICTS[finding.verdict].padEnd(7)}  ${finding.code}: ${finding.detail}`)
      for (const mend of finding.mends)
        parts.push(`             ${`${STACKS[mend.with]}:`.padEnd(11)} ${mend.text}`)
    }
    parts.push('')
  }
  const count = problems(checkup)
  parts.push(
    count === 0
      ? 'No problem was found.'
      : count === 1
        ? '1 problem was found.'
        : `${count} problems were found.`,
  )
  return `${parts.join('\n')}\n`
}
