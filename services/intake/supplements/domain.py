"""What the citizen may do with a dossier on its way: hand in the papers that were asked for, or take it back."""

from __future__ import annotations

from services.intake.dossiers.domain import RESULT_GIVEN, State, may_follow


class NoSupplementAsked(ValueError):
    """Nothing is asked for in this state, so nothing can be handed in."""

    def __init__(self, state: State) -> None:
        super().__init__(f"no supplement in state {state.value}")
        self.state = state


class NotWithdrawable(ValueError):
    """The dossier cannot be taken back in this state."""

    def __init__(self, state: State) -> None:
        super().__init__(f"no withdrawal in state {state.value}")
        self.state = state

    @property
    def result_given(self) -> bool:
        """Whether it is too late because the result is there (NĐ 118/2025, article 21)."""
        return self.state in RESULT_GIVEN


def check_supplement(state: State) -> None:
    """Makes sure that the papers of a supplement may be taken.

    A supplement is handed in at the one-stop desk and only where one was asked for (NĐ 118/2025, article 19.5).

    Raises:
        NoSupplementAsked: the dossier is in any other state.
    """
    if state is not State.SUPPLEMENT_REQUESTED:
        raise NoSupplementAsked(state)


def check_withdrawal(state: State) -> None:
    """Makes sure that a dossier may be taken back: until the result notice issues (NĐ 118/2025, article 21).

    Raises:
        NotWithdrawable: the result is there, the dossier is over, or it was asked back before.
    """
    if not may_follow(state, State.WITHDRAWAL_REQUESTED):
        raise NotWithdrawable(state)


def after_supplement(unpaid: bool) -> tuple[State, ...]:
    """The states that a dossier passes when its supplement is complete: being processed, and on where money is still owed.

    Args:
        unpaid: whether an obligation that was requested meanwhile is not paid.
    """
    return (State.PROCESSING, State.OBLIGATION_REQUESTED) if unpaid else (State.PROCESSING,)
