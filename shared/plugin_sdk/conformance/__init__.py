"""The conformance kit: runs any program of an agency, in any language, against a broker with exactly an agency's rights.

`suite` has the checks, `bench` the platform's side of the wire, `program` the agency's; `printing` shows the results.
"""
