// Kiểm thử không cần máy chủ nào · these tests need no server.

import assert from 'node:assert/strict'
import { test } from 'node:test'

import { exampleStep } from '../motcua-agency/index.js'
import { service } from '../service.js'

test('hoàn thành bước với kết quả đầu tiên · completes a step with its first outcome', async () => {
  const decision = await service.decide(exampleStep({ outcomes: ['completed', 'refused'], due_at: null }))
  assert.equal(decision.event, 'step.completed')
  assert.equal(decision.fields.outcome, 'completed')
})

test('tiếng Việt còn nguyên vẹn · Vietnamese text stays as it is', async () => {
  const decision = await service.decide(exampleStep({ name: 'Thẩm định hồ sơ', outcomes: ['Đủ điều kiện'] }))
  assert.equal(decision.fields.outcome, 'Đủ điều kiện')
  assert.equal(decision.note, 'Đã giải quyết: Thẩm định hồ sơ')
})
