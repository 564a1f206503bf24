// What the platform tells an agency about the dossier of its step: the papers (thành phần hồ sơ) and the applicant.

/** The platform refuses the papers: the step is not, or no longer, this agency's, or was never assigned. */
export class PapersRefused extends Error {}

/** The platform gives no papers now. Let it out of the handler: the handler is called again later, and no attempt is counted. */
export class PapersUnavailable extends Error {
  /** retryAfter: seconds that the platform asks to wait; null if it does not. */
  constructor(message = '', { retryAfter = null, cause } = {}) {
    super(message, { cause })
    this.retryAfter = retryAfter
  }
}

/** The platform's intake does not know the step yet: the event about it is still under way there. */
export class PapersNotYet extends PapersUnavailable {}

/**
 * Reads the platform's answer: { dossier, procedure, case, received_at, papers, applicant, representative, co_applicants }, with all
 * fields that it has. A paper has { code, name, kind, copies, form, kept, given_back_at }; a person { name, id_number, id_kind, … }.
 */
export function parseDetails(body) {
  const details = JSON.parse(body)
  if (typeof details?.dossier !== 'string' || !Array.isArray(details.papers)) throw new TypeError('no dossier with a list of papers')
  return { ...EMPTY, ...details, papers: details.papers.map(paper) }
}

const EMPTY = { procedure: '', case: '', received_at: null, applicant: null, representative: null, co_applicants: [] }

function paper(given) {
  if (typeof given?.code !== 'string' || typeof given.name !== 'string') throw new TypeError('a paper without code or name')
  return { kind: '', copies: 1, form: '', kept: false, given_back_at: null, ...given }
}
