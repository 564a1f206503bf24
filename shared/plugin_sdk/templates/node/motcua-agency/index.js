// The SDK for an agency that connects its own service to motcua. It depends on the package amqplib only.
//
//   import { AgencyService, completed } from './motcua-agency/index.js'
//
//   export const service = AgencyService.fromEnvironment()
//   service.on('step.assigned', (step) => completed(step.outcomes[0], { note: '…' }))
//   await service.run()

export { accepted, completed, Decision, needsSupplement, obligation, RetryLater, retryLater, returned } from './decisions.js'
export { exampleStep, UnreadableMessage } from './events.js'
export { PapersNotYet, PapersRefused, PapersUnavailable } from './papers.js'
export { AgencyService, InvalidDecision } from './service.js'
export { SettingsError } from './settings.js'
export { VERSION } from './version.js'
