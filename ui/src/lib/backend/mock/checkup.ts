// What a check of the connection finds, in a few worlds. The words are the engine's.

import type { Checkup, Finding } from '../protocol'
import type { Engine } from './engine'
import { HOSTILE } from './names'

const good = (about: Finding['about'], code: string, detail: string): Finding => ({
  code,
  about,
  verdict: 'good',
  detail,
  mends: [],
})

const MACHINE: Finding[] = [
  good('machine', 'data_folder', '/home/mina/.local/share/offload can be written'),
  good('machine', 'ledger', 'the ledger is sound'),
  good('machine', 'engine', 'Offload is running'),
  good('machine', 'watching', '524288 folders can be watched at once'),
  good('machine', 'settings', 'config.toml can be used'),
  good('sign_in', 'keyring', 'the keyring holds a token for the backend'),
]
const BACKEND: Finding[] = [
  good('backend', 'backend', 'the backend answers, and knows mina@studio-han.example'),
  good('backend', 'clock', 'its clock and this one agree, within 1 s'),
  good('sign_in', 'wrong_token', 'a wrong token is refused at all three endpoints'),
]
const SIGNATURE: Finding[] = [
  good('signature', 'policy', 'the policy covers every field, and holds for 3600 s'),
  good('signature', 'keys', 'each file has a key of its own, the same each time it is asked for'),
]
const PROBE: Finding[] = [
  good('probe', 'probe', 'S3 took a file of 1 KB under offload-doctor/offload-doctor-probe.jpg in 84 ms'),
  good('probe', 'complete', 'the backend has confirmed it, also the second time'),
]
const PROBLEMS: Finding[] = [
  {
    code: 'watching',
    about: 'machine',
    verdict: 'note',
    detail: 'only 8192 folders can be watched at once; changes in others are seen by the hourly look',
    mends: [
      {
        with: 'anyone',
        text: 'echo fs.inotify.max_user_watches=524288 | sudo tee /etc/sysctl.d/60-offload.conf && sudo sysctl --system',
      },
    ],
  },
  {
    code: 'policy_field_uncovered',
    about: 'signature',
    verdict: 'problem',
    detail: 'the form has a field that no condition of the policy allows: Content-Type. S3 answers 403 to it',
    mends: [
      {
        with: 'anyone',
        text: 'put a condition for each field of the form into the policy before it is signed',
      },
      {
        with: 'django',
        text: 'generate_presigned_post(bucket, key, Fields={"Content-Type": kind}, Conditions=[{"Content-Type": kind}])',
      },
      {
        with: 'js',
        text: 'createPresignedPost(client, { Bucket, Key, Fields: { "Content-Type": kind }, Conditions: [["eq", "$Content-Type", kind]] })',
      },
      { with: 'companion', text: 's3.conditions has to name it' },
    ],
  },
  {
    code: 'any_token',
    about: 'sign_in',
    verdict: 'problem',
    detail: 'the backend answers also to a wrong token or none: anybody can write into the bucket',
    mends: [
      {
        with: 'anyone',
        text: 'compare the token of the Authorization header at every endpoint, and answer 401 where it is missing or wrong',
      },
      { with: 'django', text: 'permission_classes = [IsAuthenticated]' },
    ],
  },
  {
    code: 'not_looked_at',
    about: 'probe',
    verdict: 'unknown',
    detail: 'because of this nothing can be said of: a probe, complete',
    mends: [],
  },
]

export function checkupOf(engine: Engine, scenario: string, probe: boolean): Checkup {
  const { backend } = engine
  if (engine.offline !== null) {
    const { reason, hint } = engine.offline
    const unreachable: Finding = {
      code: 'unreachable',
      about: 'backend',
      verdict: 'problem',
      detail: reason,
      mends: hint === null ? [] : [{ with: 'anyone', text: hint }],
    }
    return { backend, findings: [...MACHINE, unreachable] }
  }
  if (scenario === 'attention') {
    return {
      backend,
      findings: [...MACHINE.filter(({ code }) => code !== 'watching'), ...BACKEND, ...SIGNATURE, ...PROBLEMS],
    }
  }
  if (scenario === 'hostile') {
    const findings = HOSTILE.map<Finding>((text) => ({
      code: 'bad_answer',
      about: 'backend',
      verdict: 'problem',
      detail: text,
      mends: [
        { with: 'anyone', text },
        { with: 'django', text },
      ],
    }))
    return { backend: 'https://photos.example/<script>', findings: [...MACHINE, ...findings] }
  }
  return { backend, findings: [...MACHINE, ...BACKEND, ...SIGNATURE, ...(probe ? PROBE : [])] }
}
