// What a handler may return for a step: a decision, or a request to be called again later.

export const MAX_DELAY_SECONDS = 20 * 60 // the broker takes back a message that stays unacknowledged for 30 minutes
const MAX_TEXT = 2000
const MAX_PAPER = 500
const MAX_SHORT_TEXT = 200
const MAX_OUTCOME = 50
const MAX_PAPERS = 50
const MAX_AMOUNT = 1e15
const UNPRINTABLE = /[^\P{Cc}\n\r\t]|\p{Co}|\p{Cs}/u // the platform refuses these

/** A decision on a step. Use the functions below to make one. */
export class Decision {
  constructor(event, fields, { note = '', by = '' } = {}) {
    this.event = event
    this.fields = fields
    this.note = checkText('note', note, MAX_TEXT, 0)
    this.by = checkText('by', by, MAX_SHORT_TEXT, 0)
  }
}

/** The handler asks to be called again after so many seconds. Use retryLater() to make one. */
export class RetryLater {
  constructor(seconds) {
    this.seconds = seconds
  }
}

/** The step is done. outcome: one of step.outcomes; options of all decisions: { note, by }. */
export const completed = (outcome, options) =>
  new Decision('step.completed', { outcome: checkText('outcome', outcome, MAX_OUTCOME) }, options)

/**
 * The citizen must pay (financial obligation, nghĩa vụ tài chính); the step is done when they have paid.
 * outcome: step.obligation_outcome or one of step.outcomes; amount: VND.
 */
export function obligation(outcome, amount, options) {
  if (!Number.isSafeInteger(amount) || amount <= 0 || amount > MAX_AMOUNT) {
    throw new RangeError(`amount must be a whole number of VND above 0, not ${amount}`)
  }
  return new Decision('obligation.requested', { outcome: checkText('outcome', outcome, MAX_OUTCOME), amount }, options)
}

/** The step goes back to the agency that sent it. reason: for officials. */
export const returned = (reason, options) => new Decision('step.returned', { reason: checkText('reason', reason, MAX_TEXT) }, options)

/** The citizen must bring more papers. The law allows one such request per dossier. papers: one text per paper. */
export function needsSupplement(reason, papers, options) {
  const requested = [papers].flat()
  if (requested.length === 0 || requested.length > MAX_PAPERS) {
    throw new RangeError(`papers must name 1 to ${MAX_PAPERS} papers`)
  }
  const fields = { reason: checkText('reason', reason, MAX_TEXT), papers: requested.map((paper) => checkText('papers', paper, MAX_PAPER)) }
  return new Decision('supplement.requested', fields, options)
}

/**
 * The agency takes the step over and decides later with service.sendDecision(); the platform does not send it again. The message is
 * acknowledged, so the handler must store the step (as JSON) before it returns this.
 */
export const accepted = (options) => new Decision('step.accepted', {}, options)

/** Call the handler again after a delay of minutes, not days. When people decide, use accepted(). */
export function retryLater(seconds) {
  if (!(seconds > 0 && seconds <= MAX_DELAY_SECONDS)) {
    throw new RangeError(`seconds must be above 0 and at most ${MAX_DELAY_SECONDS}, not ${seconds}`)
  }
  return new RetryLater(seconds)
}

function checkText(name, value, maximum, minimum = 1) {
  if (typeof value !== 'string' || value.trim().length < minimum || value.length > maximum || UNPRINTABLE.test(value)) {
    throw new RangeError(`${name} must be a text of ${minimum} to ${maximum} characters, not ${JSON.stringify(value)}`)
  }
  return value
}
