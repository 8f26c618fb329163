import { describe, expect, it } from 'vitest'
import { faultyField, readAddress } from './address'

describe('address', () => {
  it.each([
    ['photos.example/api', { address: 'https://photos.example/api' }],
    ['  https://photos.example/api/ ', { address: 'https://photos.example/api' }],
    ['http://127.0.0.1:8000', { address: 'http://127.0.0.1:8000' }],
    ['localhost:8000', { address: 'https://localhost:8000' }],
    ['', { fault: 'empty' }],
    ['ftp://photos.example', { fault: 'scheme' }],
    ['https://', { fault: 'not_an_address' }],
    ['two words', { fault: 'not_an_address' }],
    ['https://me:secret@photos.example', { fault: 'not_an_address' }],
  ])('%j', (typed, read) => expect(readAddress(typed)).toEqual(read))
})

describe('the field an error is about', () => {
  it.each([
    ['signed_out', 'token'],
    ['keyring_locked', 'token'],
    ['unreachable', 'address'],
    ['bad_certificate', 'address'],
    ['backend_answer', 'address'],
    ['no_endpoint', 'address'],
    ['redirected', 'address'],
    ['disk_full', null],
  ])('%s', (code, field) => expect(faultyField(code)).toBe(field))
})
