"""A stuck consumer is told from a quiet queue, a busy consumer and a standby."""

from __future__ import annotations

from shared.messaging.rabbitmq.stall_detector import StallDetector


def looks(*observations: tuple[int, int, int]) -> list[bool]:
    detector = StallDetector()
    return [detector.is_stalled("q", ready, delivered, unacked) for ready, delivered, unacked in observations]


def test_messages_that_wait_twice_while_nothing_comes_are_a_stall():
    assert looks((3, 10, 0), (3, 10, 0)) == [False, True]


def test_one_look_is_no_proof():
    assert looks((3, 10, 0), (0, 10, 0), (3, 10, 0)) == [False, False, False]


def test_what_comes_in_between_is_progress():
    assert looks((3, 10, 0), (3, 11, 0), (3, 12, 0)) == [False, False, False]


def test_a_consumer_with_messages_in_hand_is_busy():
    assert looks((3, 10, 5), (3, 10, 5), (3, 10, 5)) == [False, False, False]


def test_a_standby_that_was_never_given_anything_waits_for_its_turn():
    assert looks((3, 0, 0), (3, 0, 0), (9, 0, 0)) == [False, False, False]


def test_queues_are_looked_at_apart():
    detector = StallDetector()
    assert not detector.is_stalled("a", 1, 10, 0)
    assert not detector.is_stalled("b", 1, 10, 0)
    assert detector.is_stalled("a", 1, 10, 0)
