"""Reading and checking data files: every fault of all files is collected and reported at once, as one `DataError`.

    record = read_record(file)      # for several files: read_records(directory, faults)
    name = record.text("name")      # a wrong entry adds a fault and gives a stand-in
    record.done()                   # so does an entry that was not read
    record.raise_faults()           # from here on the values are good

`record.py` reads an object entry by entry into typed values. `schema.py` compares a whole document with a JSON Schema,
for large files that administrators upload. `json_file.py` parses strict JSON and cleans its texts, `faults.py` holds the error.
`dated_rules.py` reads rules that are in force from a day on.
"""

from shared.data_files.dated_rules import in_force, read_rules
from shared.data_files.faults import DataError, Fault, raise_faults
from shared.data_files.json_file import MAX_BYTES, clean_data, parse_json, read_json
from shared.data_files.record import Record, read_record, read_records

__all__ = [
    "MAX_BYTES",
    "DataError",
    "Fault",
    "Record",
    "clean_data",
    "in_force",
    "parse_json",
    "raise_faults",
    "read_json",
    "read_record",
    "read_records",
    "read_rules",
]
