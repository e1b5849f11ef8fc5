// @ts-check
// A Next.js route handler: set FUKIDASHI_WEBHOOK_SECRETS and give this route's address as a job's webhook_url.

import { recordOnce } from '../../../lib/chapters.mjs'
import { BadMessage, BadSignature, parseSecrets, verify } from '../../../lib/fukidashi-webhook.mjs'

export const dynamic = 'force-dynamic'

const MAX_BODY_BYTES = 256 * 1024

/** @param {Request} request */
export async function POST(request) {
  const body = await readBody(request)
  if (body === null) return Response.json({ code: 'too_large' }, { status: 413 })
  const secrets = parseSecrets(process.env.FUKIDASHI_WEBHOOK_SECRETS ?? '')
  try {
    const { eventId, event } = await verify(request.headers, body, secrets)
    // A repetition is answered like the first delivery. Where this throws, Next.js answers 500: it comes again later.
    const isNew = await recordOnce(eventId, event)
    return Response.json({ event_id: eventId, duplicate: !isNew })
  } catch (error) {
    if (error instanceof BadSignature) return Response.json({ code: error.code }, { status: 401 })
    if (error instanceof BadMessage) return Response.json({ code: 'invalid', detail: error.message }, { status: 422 })
    throw error
  }
}

/** @param {Request} request @returns {Promise<Uint8Array | null>} null where it is too large */
async function readBody(request) {
  const chunks = []
  let size = 0
  for await (const chunk of request.body ?? []) {
    size += chunk.length
    if (size > MAX_BODY_BYTES) return null
    chunks.push(chunk)
  }
  return new Uint8Array(Buffer.concat(chunks))
}
