// Chạy dịch vụ cho đến khi có SIGTERM · runs the service until SIGTERM.

import { service } from './service.js'

await service.run()
