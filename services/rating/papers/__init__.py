"""Paper rating forms (phiếu đánh giá giấy), NĐ 118/2025, Điều 31: a clerk enters each once, by the number printed on it."""
