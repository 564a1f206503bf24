// The papers of a dossier, by the platform's API and the agency's token.

const TIMEOUT_MS = 10_000
const REFUSALS = [401, 403, 404, 409, 410]

/** The platform does not show the papers: not this agency's step, not any more, or the token is not good. */
export class PapersRefused extends Error {}
/** The platform did not answer, or not in a way that can be read. */
export class PapersUnavailable extends Error {}

/** Asks the platform for [{code, name, kind, copies}] of the dossier that a step belongs to. */
export async function fetchPapers(url, token, task) {
  const address = `${url.replace(/\/+$/, '')}/intake/api/agency/steps/${encodeURIComponent(task)}/papers`
  try {
    const headers = { Authorization: `Bearer ${token}`, Accept: 'application/json' }
    const response = await fetch(address, { headers, signal: AbortSignal.timeout(TIMEOUT_MS) })
    if (REFUSALS.includes(response.status)) throw new PapersRefused(`${address}: ${response.status}`)
    if (!response.ok) throw new Error(`status ${response.status}`)
    const { papers } = await response.json()
    if (!Array.isArray(papers)) throw new Error('no list of papers')
    return papers.map(({ code, name, kind = '', copies = 1 }) => ({ code, name, kind, copies }))
  } catch (error) {
    if (error instanceof PapersRefused) throw error
    throw new PapersUnavailable(`${address}: ${error.message}`, { cause: error })
  }
}
