"""Results (trả kết quả): notifying the citizen of the result, and handing it over."""
