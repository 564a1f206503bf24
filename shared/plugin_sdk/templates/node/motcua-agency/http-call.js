// One HTTP call with a timeout that follows no redirect, so that a token reaches no other server.

const TIMEOUT_MS = 10_000

/** There is no connection or no answer in time. */
export class NoAnswer extends Error {}

/** Sends a request; resolves to { status, body, retryAfter } whatever the status. Rejects with NoAnswer if nothing came back. */
export async function call(address, options) {
  try {
    const response = await fetch(address, { ...options, redirect: 'manual', signal: AbortSignal.timeout(TIMEOUT_MS) })
    const seconds = response.headers.get('retry-after') ?? ''
    return { status: response.status, body: await response.text(), retryAfter: /^\d+$/.test(seconds) ? Number(seconds) : null }
  } catch (error) {
    throw new NoAnswer(`${error.message}${error.cause ? `: ${error.cause.message}` : ''}`, { cause: error })
  }
}

/** A member of an answer in JSON as a text of at most 200 characters; empty if there is none. */
export function member({ body }, name) {
  try {
    return String(JSON.parse(body)[name] ?? '').slice(0, 200)
  } catch {
    return ''
  }
}
