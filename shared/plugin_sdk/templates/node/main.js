// Chạy dịch vụ cho đến khi có SIGTERM · runs the service until SIGTERM.

import { agency } from './service.js'

await agency.run()
