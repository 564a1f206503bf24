"""SMS by SMPP, the protocol of mobile networks (Short Message Peer-to-Peer Protocol Specification, versions 3.4 and 5.0).

It has an own codec of the few PDUs that a sender needs. The libraries that exist either split escaped characters over two parts and have no
window, or run in an event loop of their own and keep the window and its outcomes to themselves.

`pdu.py` reads and writes PDUs, `connection.py` owns the socket,
`session.py` binds and keeps the link alive, `window.py` matches answers, `provider.py` is the provider.
"""
