import { describe, expect, it } from 'vitest'
import type { Checkup, Finding } from './backend/protocol'
import { grouped, mendsOf, plainText, problems } from './checkup'

const finding = (part: Partial<Finding>): Finding => ({
  code: 'x',
  about: 'backend',
  verdict: 'good',
  detail: 'it is so',
  mends: [],
  ...part,
})

const checkup: Checkup = {
  backend: 'https://photos.example',
  findings: [
    finding({ code: 'probe', about: 'probe' }),
    finding({ code: 'noted', verdict: 'note' }),
    finding({ code: 'fine' }),
    finding({
      code: 'bad',
      verdict: 'problem',
      detail: 'the url can’t be used',
      mends: [
        { with: 'anyone', text: 'give the whole address' },
        { with: 'django', text: 'boto3.client("s3")' },
      ],
    }),
    finding({ code: 'unseen', verdict: 'unknown' }),
    finding({ code: 'folder', about: 'machine' }),
  ],
}

describe('a checkup', () => {
  it('is grouped in a steady order, the worst first, what is in order apart', () => {
    expect(
      grouped(checkup).map(({ about, telling, good }) => [
        about,
        telling.map(({ code }) => code),
        good.map(({ code }) => code),
      ]),
    ).toEqual([
      ['machine', [], ['folder']],
      ['backend', ['bad', 'unseen', 'noted'], ['fine']],
      ['probe', [], ['probe']],
    ])
    expect(problems(checkup)).toBe(1)
    expect(grouped({ backend: null, findings: [] })).toEqual([])
  })

  it('keeps what a person does apart from what a developer does', () => {
    const { anyone, stacks } = mendsOf(checkup.findings[3]!)
    expect([anyone.length, stacks.map((mend) => mend.with)]).toEqual([1, ['django']])
  })

  it('is copied whole, in English', () => {
    expect(plainText(checkup, '0.1.0', 0)).toBe(`Offload 0.1.0 · 1970-01-01T00:00:00.000Z
backend: https://photos.example

This machine
  ok       folder: it is so

The backend
  PROBLEM  bad: the url can’t be used
             mend:       give the whole address
             Django:     boto3.client("s3")
  ?        unseen: it is so
  note     noted: it is so
  ok       fine: it is so

A file that was really sent
  ok       probe: it is so

1 problem was found.
`)
    expect(plainText({ backend: null, findings: [] }, '0.1.0', 0)).toContain('No problem was found.')
  })
})
