// @ts-check
// Verifies Fukidashi's webhooks (the Standard Webhooks envelope) with WebCrypto alone: Node.js 20, Edge, Deno, Bun.

/** A message is believed this many seconds before and after its own timestamp. */
export const TOLERANCE_S = 300
/** More signatures than this in one header is garbage, not rotation. */
export const MAX_SIGNATURES = 32

const MAX_SIGNATURES_CHARS = 8192
const MIN_SECRET_BYTES = 24
const ID = /^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$/
const TIMESTAMP = /^[0-9]{1,12}$/
const ENDED = ['success', 'partial', 'error', 'canceled', 'expired']

/**
 * Why a webhook is not believed: `missing_header`, `malformed_header`, `timestamp_too_old`, `timestamp_too_new` or
 * `no_matching_signature`. Answer 401.
 */
export class BadSignature extends Error {
  /** @param {string} code @param {string} detail */
  constructor(code, detail) {
    super(`${code}: ${detail}`)
    this.name = 'BadSignature'
    this.code = code
  }
}

/** The signature is right, but this is no event that this version knows. Answer 422. */
export class BadMessage extends Error {
  /** @param {string} detail */
  constructor(detail) {
    super(detail)
    this.name = 'BadMessage'
  }
}

/**
 * @typedef {object} ChapterFinished
 * @property {'chapter.finished'} type
 * @property {string} timestamp when the chapter ended, ISO 8601
 * @property {{job_id: string, chapter_id: string, series_id: string | null,
 *   status: 'success' | 'partial' | 'error' | 'canceled' | 'expired', succeeded: number, failed: number,
 *   status_url: string, metadata: Record<string, string>}} data
 */

/**
 * Reads secrets as they stand in an environment variable: `whsec_…`, several separated by spaces, the newest first.
 *
 * @param {string} text
 * @returns {Uint8Array[]}
 */
export function parseSecrets(text) {
  const parts = text.split(/[\s,]+/).filter((part) => part !== '')
  if (parts.length === 0) throw new Error('no webhook secret')
  return parts.map(parseSecret)
}

/**
 * Believes a webhook, or throws {@link BadSignature} or {@link BadMessage}. A repetition is not found here: `eventId` is
 * the same in every delivery of one event, so be idempotent on it.
 *
 * @param {Headers} headers
 * @param {Uint8Array} body the raw bytes as they came, not parsed and written again
 * @param {Uint8Array[]} secrets all that are valid at the moment
 * @param {{now?: number}} [options] `now` in unix seconds
 * @returns {Promise<{eventId: string, timestamp: number, event: ChapterFinished}>}
 */
export async function verify(headers, body, secrets, { now = Date.now() / 1000 } = {}) {
  const eventId = header(headers, 'webhook-id', ID)
  const timestamp = header(headers, 'webhook-timestamp', TIMESTAMP)
  const given = signatures(headers.get('webhook-signature'))
  const expected = await Promise.all(secrets.map((secret) => sign(secret, eventId, timestamp, body)))
  // Every pair is compared, whatever matched before, so that time tells nothing.
  let matches = 0
  for (const want of expected) for (const got of given) matches += equal(want, got)
  if (matches === 0) throw new BadSignature('no_matching_signature', 'no signature fits the body and a known secret')
  checkAge(Number(timestamp), now)
  return { eventId, timestamp: Number(timestamp), event: parseEvent(body) }
}

/** @param {string} text @returns {Uint8Array} */
function parseSecret(text) {
  const key = fromBase64(text.replace(/^whsec_/, ''))
  if (key === null || key.length < MIN_SECRET_BYTES) {
    throw new Error(`a webhook secret is whsec_ and at least ${MIN_SECRET_BYTES} bytes in base64`)
  }
  return key
}

/** @param {Headers} headers @param {string} name @param {RegExp} pattern @returns {string} */
function header(headers, name, pattern) {
  const value = headers.get(name)
  if (value === null) throw new BadSignature('missing_header', `${name} is missing`)
  if (!pattern.test(value)) throw new BadSignature('malformed_header', `${name} is malformed`)
  return value
}

/** @param {string | null} value @returns {Uint8Array[]} */
function signatures(value) {
  if (!value) throw new BadSignature('missing_header', 'webhook-signature is missing')
  const parts = value.split(/\s+/).filter((part) => part !== '')
  if (value.length > MAX_SIGNATURES_CHARS || parts.length > MAX_SIGNATURES) {
    throw new BadSignature('malformed_header', 'webhook-signature is too long')
  }
  const encoder = new TextEncoder()
  const found = parts.filter((part) => part.startsWith('v1,')).map((part) => encoder.encode(part.slice(3)))
  if (found.length === 0) throw new BadSignature('malformed_header', 'webhook-signature holds no v1 signature')
  return found
}

/**
 * @param {Uint8Array} secret @param {string} id @param {string} timestamp @param {Uint8Array} body
 * @returns {Promise<Uint8Array>} the signature in base64, as bytes
 */
async function sign(secret, id, timestamp, body) {
  const encoder = new TextEncoder()
  const start = encoder.encode(`${id}.${timestamp}.`)
  const content = new Uint8Array(start.length + body.length)
  content.set(start)
  content.set(body, start.length)
  const key = await crypto.subtle.importKey('raw', secret, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
  const digest = new Uint8Array(await crypto.subtle.sign('HMAC', key, content))
  return encoder.encode(btoa(String.fromCharCode(...digest)))
}

/** In a time that depends on the lengths only. @param {Uint8Array} a @param {Uint8Array} b @returns {number} 1 or 0 */
function equal(a, b) {
  if (a.length !== b.length) return 0
  let difference = 0
  for (let i = 0; i < a.length; i++) difference |= a[i] ^ b[i]
  return difference === 0 ? 1 : 0
}

/** @param {number} timestamp @param {number} now */
function checkAge(timestamp, now) {
  if (!(timestamp >= now - TOLERANCE_S)) throw new BadSignature('timestamp_too_old', `signed over ${TOLERANCE_S} s ago`)
  if (!(timestamp <= now + TOLERANCE_S)) throw new BadSignature('timestamp_too_new', 'signed in the future')
}

/** @param {Uint8Array} body @returns {ChapterFinished} */
function parseEvent(body) {
  let event
  try {
    event = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
  } catch {
    throw new BadMessage('the body is not JSON')
  }
  if (event?.type !== 'chapter.finished') throw new BadMessage('not a chapter.finished event')
  const data = event.data
  const texts = [event.timestamp, data?.job_id, data?.chapter_id, data?.status_url]
  const counts = [data?.succeeded, data?.failed]
  if (!texts.every((text) => typeof text === 'string')) throw new BadMessage('a text of the event is missing')
  if (!counts.every((count) => Number.isSafeInteger(count) && count >= 0)) throw new BadMessage('a count is missing')
  if (!ENDED.includes(data.status)) throw new BadMessage('data.status is not the end of a chapter')
  return event
}

/** @param {string} text @returns {Uint8Array | null} */
function fromBase64(text) {
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text)) return null
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
}
