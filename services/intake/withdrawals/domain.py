"""When a dossier may be withdrawn."""

from __future__ import annotations

from services.intake.dossiers.domain import RESULT_EXISTS, State, may_follow


class NotWithdrawable(ValueError):
    """The dossier cannot be withdrawn in this state."""

    def __init__(self, state: State) -> None:
        super().__init__(f"no withdrawal in state {state.value}")
        self.state = state

    @property
    def result_exists(self) -> bool:
        """Whether it is too late because there is a result (NĐ 118/2025, article 21)."""
        return self.state in RESULT_EXISTS


def check_withdrawal(state: State) -> None:
    """Checks that a dossier may be withdrawn: until the result notice is issued (NĐ 118/2025, article 21).

    Raises:
        NotWithdrawable: there is a result, the dossier is over, or a withdrawal was requested before.
    """
    if not may_follow(state, State.WITHDRAWAL_REQUESTED):
        raise NotWithdrawable(state)
