// @ts-check
// What your application does with a finished chapter. Replace both functions by your own database.

/** @type {Map<string, import('./fukidashi-webhook.mjs').ChapterFinished>} */
const chapters = new Map()

/**
 * Records an event once. Events are delivered at least once, over up to three days, always with the same `eventId`: in
 * a database, make it a unique column and insert it in the transaction of whatever else you do. This map is lost with
 * the process and not shared between several.
 *
 * @param {string} eventId
 * @param {import('./fukidashi-webhook.mjs').ChapterFinished} event
 * @returns {Promise<boolean>} whether it is new
 */
export async function recordOnce(eventId, event) {
  if (chapters.has(eventId)) return false
  chapters.set(eventId, event)
  return true
}

/** @param {string} chapterId */
export async function chapterStatus(chapterId) {
  return [...chapters.values()].findLast((event) => event.data.chapter_id === chapterId)?.data ?? null
}
