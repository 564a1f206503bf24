"""The plug-in for the national portal (Cổng Dịch vụ công quốc gia): an observer, built with the plug-in SDK, that synchronises dossiers.

`history.py` holds the events of a dossier and its state by the portal's numbers, `mapping.py` the portal's fields, `queue.py` the messages
to send, `delivery.py` the delivery of one message, `sender.py` the loop, `maintenance.py` retention and the operator's view, and
`plugin.py` the process. `data/portal.json` holds the codes and limits that the portal or the law may change.
"""
