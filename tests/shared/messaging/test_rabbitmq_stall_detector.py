"""The detector tells a stalled consumer from an empty queue, a busy consumer and a standby."""

from __future__ import annotations

from shared.messaging.rabbitmq.stall_detector import STANDBY_CHECKS, StallDetector


def checks(*observations: tuple[int, int, int]) -> list[bool]:
    detector = StallDetector()
    return [detector.is_stalled("q", ready, delivered, unacked) for ready, delivered, unacked in observations]


def test_two_checks_with_waiting_messages_and_no_delivery_are_a_stall():
    assert checks((3, 10, 0), (3, 10, 0)) == [False, True]


def test_one_check_is_not_enough():
    assert checks((3, 10, 0), (0, 10, 0), (3, 10, 0)) == [False, False, False]


def test_a_delivery_between_checks_is_progress():
    assert checks((3, 10, 0), (3, 11, 0), (3, 12, 0)) == [False, False, False]


def test_a_consumer_with_unacknowledged_messages_is_busy():
    assert checks((3, 10, 5), (3, 10, 5), (3, 10, 5)) == [False, False, False]


def test_a_standby_of_a_consumer_that_works_is_not_stalled():
    assert not any(checks(*((ready, 0, 0) for ready in range(30, 1, -1))))


def test_a_standby_is_stalled_when_nothing_moves_for_long():
    assert checks(*[(3, 0, 0)] * STANDBY_CHECKS) == [False] * (STANDBY_CHECKS - 1) + [True]


def test_a_queue_that_only_grows_is_not_worked_on():
    growing = [(ready, 0, 0) for ready in range(1, STANDBY_CHECKS + 1)]
    assert checks(*growing) == [False] * (STANDBY_CHECKS - 1) + [True]


def test_queues_are_checked_separately():
    detector = StallDetector()
    assert not detector.is_stalled("a", 1, 10, 0)
    assert not detector.is_stalled("b", 1, 10, 0)
    assert detector.is_stalled("a", 1, 10, 0)
