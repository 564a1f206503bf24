"""Results: handing the result to the citizen."""
