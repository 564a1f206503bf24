"""Kiosks (máy lấy số): paired browsers at a desk where visitors help themselves, and the ticket printers beside them."""
