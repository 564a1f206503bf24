// Dịch vụ của cơ quan @CODE@ · the service of agency @CODE@.

import { Agency, completed } from './motcua-agency/index.js'

export const agency = Agency.fromEnvironment()

// Thay bằng quy tắc của cơ quan · put your agency's own rules here.
agency.on('step.assigned', async (step) => completed(step.outcomes[0], { note: `Đã giải quyết: ${step.name}` }))
