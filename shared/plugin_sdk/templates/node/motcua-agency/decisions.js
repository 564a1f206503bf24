// What a handler may say about a step: its decision, or that it cannot say yet.

export const MOST_SECONDS = 20 * 60 // a broker takes a message back that nobody acknowledges for 30 minutes
const LONG = 4000
const SHORT = 200
const MOST_PAPERS = 100
const MOST_VND = 1e15

export class Decision {
  constructor(event, fields, { note = '', by = '' } = {}) {
    this.event = event
    this.fields = fields
    this.note = text('note', note, LONG, 0)
    this.by = text('by', by, SHORT, 0)
  }
}

export class Later {
  constructor(seconds) {
    this.seconds = seconds
  }
}

/** The step is done. outcome: one of step.outcomes. */
export const completed = (outcome, more) =>
  new Decision('step.completed', { outcome: text('outcome', outcome, SHORT) }, more)

/** The step is done as soon as the citizen has paid. outcome: step.obligation_outcome or one of step.outcomes; amount: VND. */
export function obligation(outcome, amount, more) {
  if (!Number.isSafeInteger(amount) || amount <= 0 || amount > MOST_VND) {
    throw new RangeError(`amount must be a whole number of VND above 0, not ${amount}`)
  }
  return new Decision('obligation.requested', { outcome: text('outcome', outcome, SHORT), amount }, more)
}

/** The step goes back to whoever gave it. */
export const returned = (reason, more) => new Decision('step.returned', { reason: text('reason', reason, LONG) }, more)

/** The citizen must bring more papers; the law allows to ask once. papers: a text for each. */
export function needsSupplement(reason, papers, more) {
  const wanted = [papers].flat()
  if (wanted.length === 0 || wanted.length > MOST_PAPERS) {
    throw new RangeError(`papers must name 1 to ${MOST_PAPERS} papers`)
  }
  const fields = { reason: text('reason', reason, LONG), papers: wanted.map((paper) => text('papers', paper, LONG)) }
  return new Decision('supplement.requested', fields, more)
}

/**
 * The agency has taken the step over and decides in its own time, by agency.answer(); the platform stops asking. The message is
 * acknowledged, so the agency must have stored the step (as JSON) before it returns this.
 */
export const accepted = (more) => new Decision('step.accepted', {}, more)

/** Ask again, in minutes rather than days: for people's work use accepted(). */
export function later(seconds) {
  if (!(seconds > 0 && seconds <= MOST_SECONDS)) {
    throw new RangeError(`seconds must be above 0 and at most ${MOST_SECONDS}, not ${seconds}`)
  }
  return new Later(seconds)
}

function text(name, value, most, least = 1) {
  if (typeof value !== 'string' || value.trim().length < least || value.length > most || value.includes('\0')) {
    throw new RangeError(`${name} must be a text of ${least} to ${most} characters, not ${JSON.stringify(value)}`)
  }
  return value
}
