"""For agencies that connect their own software: SDK, scaffold, conformance check, sandbox, administration of broker access."""
