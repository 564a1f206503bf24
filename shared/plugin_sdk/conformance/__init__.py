"""The conformance check: runs an agency's program, in any language, against a broker with exactly the rights of an agency.

`suite` lists the checks, `harness` is the platform's side, `program` the agency's side, `report` prints the results.
"""
