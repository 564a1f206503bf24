// Dịch vụ của cơ quan @CODE@ · the service of agency @CODE@.

import { AgencyService, completed } from './motcua-agency/index.js'

export const service = AgencyService.fromEnvironment()

// Thay bằng quy tắc của cơ quan · put your agency's own rules here.
service.on('step.assigned', async (step) => completed(step.outcomes[0], { note: `Đã giải quyết: ${step.name}` }))
