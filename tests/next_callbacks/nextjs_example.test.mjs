// The Next.js example under plain Node: the vectors that the Python tests use, and the route handler itself.

import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'

import { POST } from '../../next_callbacks/examples/nextjs/app/api/fukidashi/route.js'
import { chapterStatus } from '../../next_callbacks/examples/nextjs/lib/chapters.mjs'
import {
  BadMessage,
  BadSignature,
  parseSecrets,
  verify,
} from '../../next_callbacks/examples/nextjs/lib/fukidashi-webhook.mjs'

const file = new URL('../contract/signing_vectors.json', import.meta.url)
const { vectors } = JSON.parse(readFileSync(file, 'utf8'))
const SECRET = 'whsec_' + Buffer.alloc(32, 7).toString('base64')
const good = vectors.find(({ name }) => name === 'an event')

const bytes = (base64) => new Uint8Array(Buffer.from(base64, 'base64'))

/** Headers that hold what an HTTP client could send; a text outside of Latin-1 cannot be sent at all. */
const check = (vector, options = {}) =>
  verify(new Headers(vector.headers), bytes(vector.body_base64), parseSecrets(vector.secrets.join(' ')), {
    now: vector.now,
    ...options,
  })

for (const vector of vectors) {
  test(`vector: ${vector.name}`, async () => {
    if (vector.expect === 'ok') {
      const { eventId, timestamp, event } = await check(vector)
      assert.equal(eventId, vector.headers['webhook-id'])
      assert.equal(timestamp, Number(vector.headers['webhook-timestamp']))
      assert.equal(event.type, 'chapter.finished')
    } else if (vector.expect === 'not_an_event') {
      await assert.rejects(check(vector), BadMessage)
    } else {
      await assert.rejects(check(vector), (error) => error instanceof BadSignature && error.code === vector.expect)
    }
  })
}

test('without a time the clock of the system counts', async () => {
  await assert.rejects(check(good, { now: undefined }), /timestamp_too/)
})

test('a time that is no number believes nothing', async () => {
  await assert.rejects(check(good, { now: NaN }), BadSignature)
})

test('no secret believes nothing', async () => {
  await assert.rejects(check({ ...good, secrets: [good.secrets[0]] }, {}).then(() => verify(
    new Headers(good.headers), bytes(good.body_base64), [], { now: good.now })), /no_matching_signature/)
})

for (const text of ['', '   ', 'whsec_', 'whsec_AAAA', 'whsec_' + '*'.repeat(44), 'whsec_' + 'é'.repeat(44), 'x'.repeat(43)]) {
  test(`secrets that are none: ${JSON.stringify(text.slice(0, 12))}`, () => {
    assert.throws(() => parseSecrets(text), (error) => text.length < 8 || !error.message.includes(text))
  })
}

const event = (changes = {}) =>
  JSON.stringify({
    type: 'chapter.finished',
    timestamp: '2026-11-22T01:00:00Z',
    data: {
      job_id: 'j', chapter_id: 'c', series_id: null, status: 'success', succeeded: 1, failed: 0,
      status_url: 'https://x.example/jobs/j', metadata: {}, ...changes,
    },
  })

const request = (body, { id = 'evt_1', at = Math.floor(Date.now() / 1000), secret = SECRET, headers = {} } = {}) => {
  const key = Buffer.from(secret.slice(6), 'base64')
  const signature = createHmac('sha256', key).update(`${id}.${at}.`).update(body).digest('base64')
  const signed = { 'webhook-id': id, 'webhook-timestamp': String(at), 'webhook-signature': `v1,${signature}` }
  return new Request('https://app.example/api/fukidashi', { method: 'POST', body, headers: { ...signed, ...headers } })
}

const answer = async (...args) => {
  process.env.FUKIDASHI_WEBHOOK_SECRETS = SECRET
  const response = await POST(request(...args))
  return [response.status, await response.json()]
}

test('the route records an event once, however often it comes', async () => {
  assert.deepEqual(await answer(event()), [200, { event_id: 'evt_1', duplicate: false }])
  assert.deepEqual(await answer(event()), [200, { event_id: 'evt_1', duplicate: true }])
  assert.equal((await chapterStatus('c')).status, 'success')
  assert.equal(await chapterStatus('unknown'), null)
})

test('the route refuses what is not signed, too old or too new', async () => {
  const other = 'whsec_' + Buffer.alloc(32, 8).toString('base64')
  const now = Math.floor(Date.now() / 1000)
  assert.deepEqual(await answer(event(), { secret: other }), [401, { code: 'no_matching_signature' }])
  assert.deepEqual(await answer(event(), { at: now - 400 }), [401, { code: 'timestamp_too_old' }])
  assert.deepEqual(await answer(event(), { at: now + 400 }), [401, { code: 'timestamp_too_new' }])
  assert.deepEqual(await answer(event(), { headers: { 'webhook-signature': 'garbage' } }), [401, { code: 'malformed_header' }])
})

test('the route answers 422 to what is no event and 413 to what is too large', async () => {
  assert.equal((await answer('{}', { id: 'evt_2' }))[0], 422)
  assert.equal((await answer(event({ status: 'running' }), { id: 'evt_3' }))[0], 422)
  assert.deepEqual(await answer('x'.repeat(300_000), { id: 'evt_4' }), [413, { code: 'too_large' }])
})

test('without a secret the route fails loudly, and so the event is delivered again', async () => {
  process.env.FUKIDASHI_WEBHOOK_SECRETS = ''
  await assert.rejects(POST(request(event())), /no webhook secret/)
})
