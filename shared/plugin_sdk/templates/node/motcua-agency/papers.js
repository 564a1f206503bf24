// Lists the papers of a dossier (thành phần hồ sơ) through the platform's API, with the agency's token.

const TIMEOUT_MS = 10_000
const REFUSED_STATUSES = [401, 403, 404, 409, 410]

/** The platform refuses the papers: the step is not, or no longer, this agency's, or the token is not valid. */
export class PapersRefused extends Error {}
/** The platform did not answer, or its answer is not readable. */
export class PapersUnavailable extends Error {}

/** Fetches the papers of the dossier that a step belongs to: [{ code, name, kind, copies }]. */
export async function fetchPapers(url, token, task) {
  const address = `${url.replace(/\/+$/, '')}/intake/api/agency/steps/${encodeURIComponent(task)}/papers`
  try {
    const headers = { Authorization: `Bearer ${token}`, Accept: 'application/json' }
    const response = await fetch(address, { headers, signal: AbortSignal.timeout(TIMEOUT_MS) })
    if (REFUSED_STATUSES.includes(response.status)) throw new PapersRefused(`${address}: ${response.status}`)
    if (!response.ok) throw new Error(`status ${response.status}`)
    const { papers } = await response.json()
    if (!Array.isArray(papers)) throw new Error('no list of papers')
    return papers.map(({ code, name, kind = '', copies = 1 }) => ({ code, name, kind, copies }))
  } catch (error) {
    if (error instanceof PapersRefused) throw error
    throw new PapersUnavailable(`${address}: ${error.message}`, { cause: error })
  }
}
