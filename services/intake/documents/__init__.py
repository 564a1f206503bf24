"""Official papers (TT 03/2025/TT-VPCP, appendix I): issued with a number, kept, printed again, verified by anybody; the register."""
