"""The national portal (Cổng Dịch vụ công quốc gia) as a plug-in: an observer, built with the agencies' kit, that synchronises dossiers.

Where to look: what happened to a dossier and how it stands in `story.py`, the portal's fields in `mapping.py`, what waits to be sent in
`queue.py`, one message on its way in `courier.py`, the loop in `sender.py`, all together in `plugin.py`. Codes and limits that the portal
or the law may change are data in `data/portal.json`.
"""
