"""Scores (kết quả đánh giá): of officials, agencies and procedures apart, with an interval beside every share and a smallest sample."""
